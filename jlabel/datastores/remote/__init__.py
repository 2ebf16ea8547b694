"""Studies that lie elsewhere: in a bucket, or wherever else fsspec reaches."""
