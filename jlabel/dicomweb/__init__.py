"""Studies on a DICOMweb server: series are images, and labels are stored back as DICOM SEG.

``server`` makes the requests. ``series_listing`` turns what a search finds into a studies folder of headers, by which
jlabel groups slices as it does on a disk; ``downloads`` fetches what is opened. ``labels`` and ``label_sending`` store
each version of a label, ``label_sync`` takes in those of other machines, and ``label_note`` is what tells them.
"""

from jlabel.dicomweb.datastore import DicomWebDatastore

__all__ = ["DicomWebDatastore"]
