"""The parent of the modules in the folders of apps: ``jlabel.apps.folder_modules.<folder>.main``.

Several apps have a ``main`` and a package ``lib``. Here each folder's modules have names of their own, which say where
the folder is: so they never mix, and the process of a job, which unpickles their classes, imports them by their names.
"""

from jlabel.apps.folder_modules.finder import install

install()
