"""Minutes drafted from what was recorded, checked, masked and published; on paper and as files."""
