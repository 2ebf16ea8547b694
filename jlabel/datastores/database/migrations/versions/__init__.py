"""One revision for each version. None of them is changed any more: there are catalogues that it has made."""
