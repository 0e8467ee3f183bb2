//! The target `script` for libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| caruso_fuzz::script(data));
