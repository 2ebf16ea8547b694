"""Lets an app that was written for MONAI Label run: ``from monailabel.… import …`` gives jlabel's classes.

Import it before the app. In place of each module of MONAI Label that apps import from stands one with the same names.
A name that jlabel does not have is refused with what to do instead. MONAI Label itself need not be installed; where it
is, this interpreter and the jobs that it starts do not import it any more.
"""

from jlabel.monailabel.importing import install

install()
