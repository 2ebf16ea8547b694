// Line icons on a 16 × 16 grid, in the colour of the text beside them.

const PATHS = {
  navigate: "M8 1.5v4.2M8 10.3v4.2M1.5 8h4.2M10.3 8h4.2",
  "click-add": "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM8 5.2v5.6M5.2 8h5.6",
  "click-remove": "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM5.2 8h5.6",
  brush: "M13.6 2.4 7.4 8.6M7.2 8.4c-2 0-3.2 1.2-3.2 3 0 1.2-.7 1.9-1.7 2.1 2.7 1 6.6.4 6.6-3.4z",
  eraser:
    "M6.2 13.5h7.3M2.7 9.9l6.2-6.5a1.2 1.2 0 0 1 1.7 0l2.5 2.5a1.2 1.2 0 0 1 0 1.7l-5.6 5.9H5.2l-2.5-2.2a1 1 0 0 1 0-1.4zM6 6.5l4.2 4.3",
  undo: "M5.5 2.8 2.5 5.8l3 3M2.5 5.8h6.7a3.9 3.9 0 0 1 0 7.8H6.5",
  redo: "M10.5 2.8l3 3-3 3M13.5 5.8H6.8a3.9 3.9 0 0 0 0 7.8h2.7",
  save: "M2.5 2.5h8.4l2.6 2.6v8.4h-11zM5 2.7v3.6h5V2.7M5 13.3V9.5h6v3.8",
  next: "M2.5 8h10.6M9 3.9 13.1 8 9 12.1",
  skip: "M3.2 3.5 7.7 8l-4.5 4.5M8.3 3.5 12.8 8l-4.5 4.5",
  run: "M4.5 2.8v10.4L13 8z",
  clear: "M4 4l8 8M12 4l-8 8",
  eye: "M1.5 8S4 3.6 8 3.6 14.5 8 14.5 8 12 12.4 8 12.4 1.5 8 1.5 8zM8 6.2a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6z",
  "eye-off": "M1.5 8S4 3.6 8 3.6 14.5 8 14.5 8 12 12.4 8 12.4 1.5 8 1.5 8zM2.8 13.2 13.2 2.8",
  reset: "M3 8a5 5 0 1 0 1.7-3.8M2.8 2.4v2.9h2.9",
  enlarge: "M9.5 2.5h4v4M6.5 13.5h-4v-4M13.2 2.8 9 7M2.8 13.2 7 9",
  shrink: "M13.5 6.5h-4v-4M2.5 9.5h4v4M9.8 6.2l4-4M6.2 9.8l-4 4",
  help: "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM6.2 6.3a1.9 1.9 0 1 1 2.6 1.8c-.6.3-.8.7-.8 1.3M8 11.2v.4",
  info: "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM8 7.4v3.8M8 4.7v.5",
  alert: "M8 2.2 14.4 13.4H1.6zM8 6.3v3.4M8 11.4v.3",
  check: "M2.8 8.6 6.2 12l7-8",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="jl-icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
