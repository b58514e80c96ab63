"""The loader of documents under the name by which scripts of others know it; `harness.documents` is its room."""

from harness.documents.corpus import Corpus as Corpus
from harness.documents.corpus import load_documents as load_documents
