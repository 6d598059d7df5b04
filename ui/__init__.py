"""What two pages share: frame, parts, charts, grids. Pages and ui are all that know Streamlit."""
