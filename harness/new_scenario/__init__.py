"""A first scenario made of what somebody has: a folder of documents, a file of questions, the name of a model."""
