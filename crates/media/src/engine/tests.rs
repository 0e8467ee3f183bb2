//! The engine without sockets.
