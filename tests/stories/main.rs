//! Stories through real processes and real peers. Each runs alone in its process; those that need
//! a peer which is not there say so.

mod first_call;
