"""What the site is made of: the parts list (SBOM), and known weaknesses of those parts."""
