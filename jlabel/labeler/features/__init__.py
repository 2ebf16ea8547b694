"""What a person can do, one module each; :class:`jlabel.labeler.controller.LabelerController` puts them together."""
