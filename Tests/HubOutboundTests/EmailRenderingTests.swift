import Foundation
import HubOutbound
import Testing
import WireModel

extension MailMessage {
    static func sample(
        id: String = "mail_0001", from: String = "Vultus <noreply@vultus.test>", to: String = "li@example.test", subject: String = "Hello",
        text: String = "Hello\n", language: String = "en"
    ) -> MailMessage {
        MailMessage(id: id, from: from, to: to, subject: subject, text: text, language: language, date: Timestamp(milliseconds: 1_790_000_000_123))
    }
}

/// What Python's e-mail package makes of a message.
struct ReadMail: Decodable {
    let subject: String
    let from: [String]
    let to: [String]
    let text: String
    let headers: [String: String]
    let defects: [String]
    let longestLine: Int
    let bareLineEnds: Int

    init(_ bytes: [UInt8]) throws {
        let folder = try Folder()
        try Data(bytes).write(to: URL(filePath: folder.file("mail")))
        let json: Data = try Peer.output(of: Peer.python, [Peer.scripts + "read_mail.py"], input: folder.file("mail"))
        self = try JSONDecoder().decode(ReadMail.self, from: json)
    }
}

@Suite("E-mail as bytes")
struct EmailRenderingTests {
    static let texts: [String] = [
        "Plain words.\n",
        "no line end",
        "",
        "\n\nblank lines\n\n\n",
        "A link: https://hub.test/verify?token=abc=def&x=1\n",
        "trailing blank \ntab\t\n.\n..dots\nFrom here on\n",
        "Grüße an Łukasz, mostly ASCII but not all of it, which makes it quoted-printable text.\nFrom here on, ü\n",
        String(repeating: "a long line of ascii text ", count: 80) + "\n",
        String(repeating: "überlang, ", count: 200) + "end \n",
        "您好，\n请在 24 小时内确认您的电子邮件地址：\nhttps://hub.test/verify?token=abc\n",
        "👩‍👩‍👧‍👦 emoji é combining\n",
    ]

    @Test("Python's e-mail package reads the text that was written", arguments: texts)
    func text(text: String) throws {
        let mail = try ReadMail(EmailRendering(.sample(text: text)).bytes)
        #expect(mail.text == (text.hasSuffix("\n") ? text : text.isEmpty ? "" : text + "\n"))
        #expect(mail.defects.isEmpty && mail.bareLineEnds == 0 && mail.longestLine <= 998)
    }

    @Test(
        "Python's e-mail package reads the subject that was written",
        arguments: [
            "Your invoice", "确认您的电子邮件地址", String(repeating: "很长的主题", count: 30), String(repeating: "long ", count: 60) + "subject",
            "=?UTF-8?Q?not_one?=", " blanks around ", "👩‍👩‍👧‍👦" + String(repeating: "x", count: 90) + "é", "a",
        ])
    func subject(subject: String) throws {
        let rendering = try EmailRendering(.sample(subject: subject))
        let mail = try ReadMail(rendering.bytes)
        #expect(mail.subject == subject)
        #expect(mail.defects.isEmpty && mail.longestLine <= 78)
    }

    @Test(
        "names of senders survive",
        arguments: [
            ("noreply@vultus.test", "noreply@vultus.test"), ("Vultus <a@b.test>", "Vultus <a@b.test>"),
            ("Acme, Inc. \"x\" <a@b.test>", #""Acme, Inc. \"x\"" <a@b.test>"#),
            ("面孔 <a@b.test>", "面孔 <a@b.test>"), ("\"Quoted\" <a@b.test>", "Quoted <a@b.test>"),
        ])
    func sender(given: String, read: String) throws {
        #expect(try ReadMail(EmailRendering(.sample(from: given)).bytes).from == [read])
    }

    @Test("headers say what it is") func headers() throws {
        let rendering = try EmailRendering(.sample(language: "zh-Hans"))
        let headers: [String: String] = try ReadMail(rendering.bytes).headers
        #expect(headers["Date"] == "Mon, 21 Sep 2026 14:13:20 +0000")
        #expect(headers["Message-ID"] == "<mail_0001@vultus.test>")
        #expect(headers["Auto-Submitted"] == "auto-generated")
        #expect(headers["Content-Language"] == "zh-Hans")
        #expect(rendering.sender == "noreply@vultus.test" && rendering.recipient == "li@example.test")
    }

    @Test(
        "dates are right at the edges",
        arguments: [
            (0, "Thu, 1 Jan 1970 00:00:00 +0000"), (-1, "Wed, 31 Dec 1969 23:59:59 +0000"), (1_709_164_800_000, "Thu, 29 Feb 2024 00:00:00 +0000"),
            (4_107_542_399_999, "Sun, 28 Feb 2100 23:59:59 +0000"), (4_107_542_400_000, "Mon, 1 Mar 2100 00:00:00 +0000"),
        ] as [(Int64, String)])
    func date(milliseconds: Int64, text: String) {
        #expect(MIME.date(Timestamp(milliseconds: milliseconds)) == text)
    }

    @Test("a line break in any header is refused", arguments: ["\r\n", "\n", "\r", "\u{0}", "\u{85}", "\u{2028}"])
    func injection(breaker: String) {
        let evil: String = "x\(breaker)Bcc: all@example.test"
        for message in [
            MailMessage.sample(id: evil), .sample(from: "\(evil) <a@b.test>"), .sample(from: "a@b.test\(evil)"), .sample(to: "a@b.test\(evil)"),
            .sample(subject: evil), .sample(language: evil),
        ] {
            #expect(throws: EmailRenderingError.self) { try EmailRendering(message) }
        }
    }

    @Test(
        "what is not one address is refused",
        arguments: ["", "a", "@b.test", "a@", "a@b.test, c@d.test", "a@b.test> <c@d.test", "a b@c.test", "a@b@c.test", "a@例子.test", "<a@b.test>"])
    func address(text: String) {
        #expect(throws: EmailRenderingError.badAddress(header: "To")) { try EmailRendering(.sample(to: text)) }
    }
}

@Suite("Mail to files")
struct MailFilesTests {
    @Test("a message becomes a file that only its owner reads") func file() async throws {
        let folder = try Folder()
        try await MailFiles(directory: folder.file("mail")).send(.sample(subject: "确认", text: "token=abc\n"))
        let path: String = folder.file("mail/mail_0001.eml")
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        let mail = try ReadMail([UInt8](Data(contentsOf: URL(filePath: path))))
        #expect(mail.subject == "确认" && mail.text == "token=abc\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("mail")) == ["mail_0001.eml"])
    }

    @Test("no name leads out of the folder", arguments: ["../x", "a/b", "", ".", "..", ".hidden", "a..b"])
    func name(id: String) async throws {
        let folder = try Folder()
        await #expect(throws: MailTransportError.self) { try await MailFiles(directory: folder.file("mail")).send(.sample(id: id)) }
        #expect(!FileManager.default.fileExists(atPath: folder.file("mail")))
    }
}
