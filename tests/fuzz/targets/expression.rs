//! The target `expression` for libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| caruso_fuzz::expression(data));
