"""Documents (PDF): recognition, facts, pages as images, text, and subsets of pages.

PDFium, which reads them, crashes on some files and must never be called by two threads. So it runs
in processes of its own (`reader_process`), and never in the process that uses a `Document`.
"""
