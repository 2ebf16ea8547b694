"""Any prompts in a volume, for tests that hold for all of them."""

from __future__ import annotations

from hypothesis import strategies as st

from jlabel.prompts.prompt import Box, Click, Scribble

position = st.tuples(*(st.integers(0, 50),) * 3)
prompts = st.one_of(
    st.builds(Click, position, st.booleans(), st.text(max_size=5)),
    st.builds(Box, position, position),
    st.builds(Scribble, st.lists(position, min_size=1, max_size=5).map(tuple), st.booleans()),
)
