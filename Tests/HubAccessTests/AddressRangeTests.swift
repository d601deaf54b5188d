import HubAccess
import Testing
import WireModel

@Suite("Address ranges")
struct AddressRangeTests {
    @Test(
        "are written one way",
        arguments: [
            ("10.0.0.0/8", "10.0.0.0/8"), ("10.1.2.3/8", "10.0.0.0/8"), ("10.1.2.3", "10.1.2.3"), ("10.1.2.3/32", "10.1.2.3"), ("0.0.0.0/0", "0.0.0.0/0"),
            ("192.168.1.130/25", "192.168.1.128/25"), ("2001:DB8::/32", "2001:db8::/32"), ("2001:0db8:0:0:0:0:0:1", "2001:db8::1"),
            ("2001:db8::1/128", "2001:db8::1"),
            ("2001:db8:ffff::/33", "2001:db8:8000::/33"), ("::/0", "::/0"), ("::1", "::1"), ("::ffff:10.1.2.3", "10.1.2.3"),
            ("::ffff:10.1.2.3/104", "10.0.0.0/8"),
            ("::FFFF:0a01:0203/128", "10.1.2.3"), ("::ffff:0:0/96", "0.0.0.0/0"),
        ])
    func canonical(_ text: String, _ canonical: String) throws {
        let range: AddressRange = try #require(AddressRange(text))
        #expect(range.text == canonical)
        #expect(range == AddressRange(canonical))
        #expect(try JSON.value(AddressRange.self, from: try JSON.text(range)) == range)
    }

    @Test(
        "refuse what is no address or no length",
        arguments: [
            "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08", "10.0.0.0/8/8", "10.0.0.0/255.0.0.0", "10.0.0",
            "10.0.0.256",
            "010.0.0.1", "0x0a.0.0.1", "10.0.0.0 /8", " 10.0.0.0/8", "10.0.0.0/8 ", "10.0.0.0\u{0}x", "2001:db8::/129", "2001:db8:::", "fe80::1%eth0", "[::1]",
            "::ffff:10.0.0.0/95", "example.com", "*", "١.1.1.1", "10.0.0.0/٨",
        ])
    func refused(_ text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test(
        "contain what they should",
        arguments: [
            ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false), ("10.0.0.0/8", "9.255.255.255", false),
            ("10.0.0.0/8", "::ffff:10.9.9.9", true),
            ("::ffff:10.0.0.0/104", "10.9.9.9", true), ("10.1.2.3", "10.1.2.3", true), ("10.1.2.3", "::ffff:a01:203", true), ("10.1.2.3", "10.1.2.4", false),
            ("192.168.1.128/25", "192.168.1.127", false), ("192.168.1.128/25", "192.168.1.128", true), ("192.168.1.0/31", "192.168.1.2", false),
            ("0.0.0.0/0", "255.255.255.255", true), ("0.0.0.0/0", "::1", false), ("::/0", "2001:db8::1", true), ("::/0", "10.0.0.1", false),
            ("::/0", "::ffff:10.0.0.1", false), ("2001:db8::/32", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", true), ("2001:db8::/32", "2001:db9::", false),
            ("2001:db8:8000::/33", "2001:db8:7fff::", false), ("2001:db8:8000::/33", "2001:DB8:8000::1", true), ("10.0.0.0/8", "10.0.0", false),
            ("10.0.0.0/8", "", false), ("10.0.0.0/8", "10.0.0.0/8", false), ("::10.0.0.1", "10.0.0.1", false),
        ])
    func contains(_ range: String, _ address: String, _ expected: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(address) == expected)
    }

    @Test("a range in JSON that is none is refused")
    func json() {
        #expect(throws: DecodingError.self) { try JSON.value([AddressRange].self, from: "[\"10.0.0.0/99\"]") }
    }
}
