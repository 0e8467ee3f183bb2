//! The browser side: serves the desk and talks to the components for it.
