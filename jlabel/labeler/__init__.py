"""The kernel side of what a person does at the labeler: the controller, its features, and what runs beside them."""
