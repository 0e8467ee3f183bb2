use super::*;
use proptest::prelude::*;

fn local(port: u16, codecs: &[Codec]) -> Local {
    Local::new(SocketAddr::from(([192, 0, 2, 1], port)), codecs)
}

const PHONE: &str = "v=0\r\no=alice 2890844526 2890844526 IN IP4 192.0.2.9\r\ns=-\r\n\
    c=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 49170 RTP/AVP 9 8 0 96\r\n\
    a=rtpmap:96 telephone-event/8000\r\na=ptime:20\r\n\
    m=video 51372 RTP/AVP 31 32\r\na=rtpmap:31 H261/90000\r\n";

#[test]
fn an_offer_of_a_phone_is_read() {
    let session = Session::parse(PHONE.as_bytes()).expect("a usual description");
    let audio = session.audio().expect("has audio");
    assert_eq!(audio.address, "192.0.2.9:49170".parse().expect("address"));
    assert_eq!(audio.codecs, [Codec::G722, Codec::Pcma, Codec::Pcmu]);
    assert_eq!(audio.telephone_event, Some(96));
    assert_eq!(audio.ptime_ms, Some(20));
}

#[test]
fn an_answer_takes_our_order_of_codecs_and_refuses_video_in_its_place() {
    let offer = Session::parse(PHONE.as_bytes()).expect("a usual description");
    let (answer, agreed) =
        offer.answer(&local(9000, &[Codec::Pcmu, Codec::Pcma]), 7).expect("common codec");
    assert_eq!(agreed.codec, Codec::Pcmu);
    assert_eq!(agreed.telephone_event, Some(96));
    let text = answer.to_string();
    assert!(text.contains("m=audio 9000 RTP/AVP 0 96\r\n"), "{text}");
    assert!(text.ends_with("m=video 0 RTP/AVP 31 32\r\n"), "{text}");
}

#[test]
fn g722_is_answered_where_it_is_preferred_or_all_there_is_under_a_clock_of_8000() {
    let both = Session::parse(PHONE.as_bytes()).expect("a usual description");
    let only = Session::parse(PHONE.replace("9 8 0 96", "9 96").as_bytes()).expect("readable");
    let late = [Codec::Pcma, Codec::Pcmu, Codec::G722];
    let first = [Codec::G722, Codec::Pcma, Codec::Pcmu];
    for (offer, ours, expected) in
        [(&both, late, Codec::Pcma), (&both, first, Codec::G722), (&only, late, Codec::G722)]
    {
        let (answer, agreed) = offer.answer(&local(9000, &ours), 7).expect("common codec");
        assert_eq!(agreed.codec, expected);
        let says_so = answer.to_string().contains("a=rtpmap:9 G722/8000\r\n");
        assert_eq!(says_so, expected == Codec::G722);
    }
    let wrong =
        PHONE.replace("9 8 0 96", "9 96").replace("a=ptime", "a=rtpmap:9 G722/16000\r\na=ptime");
    let wrong = Session::parse(wrong.as_bytes()).expect("readable");
    assert!(wrong.audio().is_some_and(|audio| audio.codecs.is_empty()), "it has another clock");
}

#[test]
fn an_offer_without_a_common_codec_is_not_acceptable() {
    let text = PHONE.replace("9 8 0 96", "9 96");
    let offer = Session::parse(text.as_bytes()).expect("readable");
    let refused = offer.answer(&local(9000, &[Codec::Pcmu]), 1);
    assert_eq!(refused, Err(Error::NotAcceptable("no common codec")));
}

#[test]
fn hold_is_understood_as_direction_and_as_the_null_address() {
    for (line, ours) in [
        ("a=sendonly\r\n", Direction::RecvOnly),
        ("a=inactive\r\n", Direction::Inactive),
        ("a=recvonly\r\n", Direction::SendOnly),
        ("a=sendrecv\r\n", Direction::SendRecv),
    ] {
        let text = PHONE.replace("a=ptime:20\r\n", line);
        let offer = Session::parse(text.as_bytes()).expect("readable");
        let (answer, agreed) = offer.answer(&local(9000, &[Codec::Pcma]), 1).expect("acceptable");
        assert_eq!(agreed.direction, ours, "{line}");
        assert_eq!(answer.audio().map(|audio| audio.direction), Some(ours));
    }
    let text = PHONE.replace("c=IN IP4 192.0.2.9", "c=IN IP4 0.0.0.0");
    let offer = Session::parse(text.as_bytes()).expect("readable");
    let (_, agreed) = offer.answer(&local(9000, &[Codec::Pcma]), 1).expect("acceptable");
    assert_eq!(agreed.direction, Direction::RecvOnly);
}

#[test]
fn a_redefined_static_payload_type_is_not_taken_for_the_codec() {
    let text = PHONE.replace("a=ptime:20", "a=rtpmap:8 L16/8000");
    let session = Session::parse(text.as_bytes()).expect("readable");
    let codecs = session.audio().map(|audio| audio.codecs.clone());
    assert_eq!(codecs, Some(vec![Codec::G722, Codec::Pcmu]));
}

#[test]
fn unreadable_descriptions_name_what_is_wrong() {
    for (text, reason) in [
        ("", "does not begin with v=0"),
        ("v=0\r\ns=-\r\n", "no o= line"),
        ("v=0\r\no=- 1\r\n", "o= line is short"),
        ("v=0\r\no=- 1 1 IN IP4 h\r\nc=IN IP4 host.example\r\n", "c= line without an IP address"),
        ("v=0\r\no=- 1 1 IN IP4 h\r\nm=audio x RTP/AVP 0\r\n", "m= line without a port"),
        ("v=0\r\no=- 1 1 IN IP4 h\r\nm=audio 4000 RTP/AVP 0\r\n", "no c= line"),
        ("v=0\r\nnonsense\r\n", "line without ="),
    ] {
        assert_eq!(Session::parse(text.as_bytes()), Err(Error::Malformed(reason)), "{text:?}");
    }
    let many = format!("v=0\r\no=- 1 1 IN IP4 h\r\n{}", "m=video 0 RTP/AVP 1\r\n".repeat(17));
    assert_eq!(Session::parse(many.as_bytes()), Err(Error::Malformed("too many streams")));
}

/// Words of which a description is made, so that random texts get far into the reader.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("v=0".to_owned()),
        Just("o=- 1 1 IN IP4 192.0.2.1".to_owned()),
        Just("c=IN IP4 192.0.2.1".to_owned()),
        Just("c=IN IP6 ::1".to_owned()),
        Just("a=sendonly".to_owned()),
        "m=(audio|video) [0-9]{1,6}(/2)? RTP/S?AVP( [0-9]{1,3}){0,4}",
        "a=rtpmap:[0-9]{1,3} (PCMU|PCMA|telephone-event|L16)/(8000|16000)",
        "[a-z]=.{0,20}",
        ".{0,20}",
    ]
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Session::parse(&bytes);
    }

    #[test]
    fn what_is_read_can_be_answered_and_its_answer_is_read_again(
        words in prop::collection::vec(word(), 0..12),
    ) {
        let text = format!("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n{}\r\n", words.join("\r\n"));
        if let Ok(offer) = Session::parse(text.as_bytes()) {
            let ours = local(9000, &[Codec::Pcma, Codec::Pcmu]);
            if let Ok((answer, agreed)) = offer.answer(&ours, 3) {
                let again = Session::parse(answer.to_string().as_bytes());
                prop_assert_eq!(again.as_ref(), Ok(&answer));
                let peer = offer.accept(&answer);
                prop_assert_eq!(peer.map(|peer| peer.codec), Ok(agreed.codec));
            }
        }
    }

    #[test]
    fn our_offers_are_read_back_unchanged(
        port in 1u16..,
        id in any::<u64>(),
        both in any::<bool>(),
    ) {
        let codecs: &[Codec] = if both { &[Codec::Pcma, Codec::Pcmu] } else { &[Codec::Pcmu] };
        let offer = Session::offer(&local(port, codecs), id);
        prop_assert_eq!(Session::parse(offer.to_string().as_bytes()), Ok(offer));
    }
}
