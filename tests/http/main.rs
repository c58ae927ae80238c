//! The program as other programs meet it: through a socket.

mod client;
mod document;
mod guards;
mod pages;
mod requests;
mod routing;
mod sockets;
