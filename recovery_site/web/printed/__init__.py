"""Documents to fill in and print, made from the settings: the same words as DOCX and as PDF."""
