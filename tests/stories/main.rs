//! Stories through real processes and real peers. Each runs alone in its process; those that need
//! a peer which is not there say so.

mod abandoned;
mod announcements;
mod asked_outside;
mod bad_input;
mod callback;
mod capacity;
mod consult;
mod conversations;
mod design_tool;
mod dialled;
mod first_call;
mod first_wrapper;
mod grpc_wrapper;
mod hold;
mod listening;
mod new;
mod one_script;
mod open_line;
mod outbound;
mod outside;
mod overflow;
mod people;
mod phones;
mod preferred;
mod publish;
mod remote;
mod replay;
mod ring_all;
mod rough_ends;
mod self_service;
mod supervision;
mod transfer;
mod voicemail;
mod wrappers;
