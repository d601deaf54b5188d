import HubAccess
import Testing
import WireModel

private let long64 = String(repeating: "a", count: 64)
private let long63 = String(repeating: "b", count: 63)

@Suite("E-mail addresses")
struct EmailAddressTests {
    @Test(
        "have a form to read, one to mail to and one to tell them by",
        arguments: [
            ("anna@example.com", "anna@example.com", "anna@example.com", "anna@example.com"),
            ("  Anna.Berg@Example.COM\n", "Anna.Berg@example.com", "Anna.Berg@example.com", "anna.berg@example.com"),
            ("anna+tag@example.com", "anna+tag@example.com", "anna+tag@example.com", "anna+tag@example.com"),
            ("o'neil_1/x=y@mail.example.co.uk", "o'neil_1/x=y@mail.example.co.uk", "o'neil_1/x=y@mail.example.co.uk", "o'neil_1/x=y@mail.example.co.uk"),
            ("a@bücher.example", "a@bücher.example", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
            ("a@BU\u{308}CHER.example", "a@bücher.example", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
            ("a@XN--BCHER-KVA.example", "a@bücher.example", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
            ("a@straße.example", "a@straße.example", "a@xn--strae-oqa.example", "a@xn--strae-oqa.example"),
            ("用户@例子.测试", "用户@例子.测试", "用户@xn--fsqu00a.xn--0zwm56d", "用户@xn--fsqu00a.xn--0zwm56d"),
            ("a@例子。测试", "a@例子.测试", "a@xn--fsqu00a.xn--0zwm56d", "a@xn--fsqu00a.xn--0zwm56d"),
            ("a@ｅｘａｍｐｌｅ.com", "a@example.com", "a@example.com", "a@example.com"),
            ("Иван@пример.испытание", "Иван@пример.испытание", "Иван@xn--e1afmkfd.xn--80akhbyknj4f", "иван@xn--e1afmkfd.xn--80akhbyknj4f"),
            ("a@مثال.إختبار", "a@مثال.إختبار", "a@xn--mgbh0fb.xn--kgbechtv", "a@xn--mgbh0fb.xn--kgbechtv"),
            ("JOSE\u{301}@example.com", "JOS\u{C9}@example.com", "JOSE\u{301}@example.com", "jos\u{E9}@example.com"),
            ("a@l·l.example", "a@l·l.example", "a@xn--ll-0ea.example", "a@xn--ll-0ea.example"),
            ("a@x.test", "a@x.test", "a@x.test", "a@x.test"), ("a@x.invalid", "a@x.invalid", "a@x.invalid", "a@x.invalid"),
            ("a@1and1.example", "a@1and1.example", "a@1and1.example", "a@1and1.example"),
            ("a@日本語のabc.example", "a@日本語のabc.example", "a@xn--abc-kc4b805ycvb2w6i.example", "a@xn--abc-kc4b805ycvb2w6i.example"),
        ])
    func forms(_ given: String, _ text: String, _ mailbox: String, _ key: String) throws {
        let address = try EmailAddress(given)
        // Scalars, because Swift takes composed and decomposed text for equal.
        #expect(Array(address.text.unicodeScalars) == Array(text.unicodeScalars))
        #expect(Array(address.mailbox.unicodeScalars) == Array(mailbox.unicodeScalars))
        #expect(Array(address.key.unicodeScalars) == Array(key.unicodeScalars))
        #expect(address.mailbox.hasSuffix("@" + address.domain))
        #expect(try EmailAddress(address.text).key == address.key)
        #expect(try EmailAddress(address.mailbox).key == address.key)
        #expect(try JSON.value([EmailAddress].self, from: try JSON.text([address])) == [address])
    }

    @Test(
        "refuse what is none",
        arguments: [
            "", "@", "anna", "anna@", "@example.com", "anna@@example.com", "a@b@example.com", "anna@example", "anna@localhost", "anna@mail.localhost",
            "anna@printer.local", "anna@x.onion", "anna@[192.0.2.1]", "anna@192.0.2.1", "anna@[IPv6:2001:db8::1]", "anna@example.123",
            "\"anna berg\"@example.com",
            "\"anna\"@example.com", "anna berg@example.com", ".anna@example.com", "anna.@example.com", "an..na@example.com", "anna(x)@example.com",
            "anna,x@example.com",
            "Anna <anna@example.com>", "<anna@example.com>", "anna@example.com.", "anna@.example.com", "anna@example..com", "anna@-example.com",
            "anna@example-.com",
            "anna@exa_mple.com", "anna@exa mple.com", "anna@example.com,b@example.com", "anna@example.com\r\nBcc: b@example.com", "an\u{0}na@example.com",
            "anna@example.com\u{0}x", "an\u{202E}na@example.com", "an\u{200B}na@example.com", "an\u{A0}na@example.com", "ａnna@example.com", "anna＠example.com",
            "ﬁona@example.com", long64 + "a@example.com", "a@" + long63 + "b.example",
            "a@" + [long63, long63, long63, long63].joined(separator: ".") + ".example",
            long64 + "@" + [long63, long63, long63].joined(separator: "."), "a@ab--cd.example", "a@xn--.example", "a@xn--a.example", "a@xn--bcher-kva-.example",
            "a@xn--ab-0ea.example", "a@日.a・b.example", "a@☕.example", "a@i❤.example", "a@\u{308}bc.example", "a@a\u{200D}b.example", "a@ex\u{430}mple.com",
            "a@g\u{3BF}ogle.com",
            "a@p\u{430}yp\u{430}l.example", "a@xn--pypl-53dc.example", "a@א1a.example", "a@a·b.example", "a@exam%ple.com", "a@example.c!m",
            "a@\u{303}\u{338}.example",
        ])
    func refused(_ text: String) throws {
        let problem: Problem = try #require(throws: Problem.self) { try EmailAddress(text) }
        #expect(problem.code == .emailInvalid)
        #expect(text.count < 5 || !problem.detail.contains(text))
    }

    @Test("go up to 64 bytes before the @ and 254 in all")
    func length() throws {
        _ = try EmailAddress(long64 + "@example.com")
        let domain: String = [long63, long63, String(repeating: "c", count: 58), "de"].joined(separator: ".")
        let longest: String = String(repeating: "a", count: 254 - 1 - domain.utf8.count) + "@" + domain
        #expect(longest.utf8.count == 254)
        #expect(try EmailAddress(longest).mailbox == longest)
        #expect(throws: Problem.self) { try EmailAddress("a" + longest) }
    }

    @Test("an address in JSON that is none is refused, without being repeated")
    func json() {
        #expect(throws: DecodingError.self) { try JSON.value([EmailAddress].self, from: "[\"anna\"]") }
    }

    @Test("codes for both refusals are a caller's mistake")
    func codes() {
        for code in [ProblemCode.emailInvalid, .passwordWeak] {
            #expect(code.status == 400)
            #expect(code.exitCode == 64)
        }
    }
}
