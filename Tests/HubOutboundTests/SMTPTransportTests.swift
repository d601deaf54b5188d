import Foundation
import HubOutbound
import Testing
import WireModel

/// A server of aiosmtpd's, and what it has seen.
struct SMTPPeer {
    let folder: Folder
    let port: String
    private let peer: Peer

    init(_ options: [String] = []) throws {
        folder = try Folder()
        peer = try Peer(Peer.python, [Peer.scripts + "smtp_peer.py", "--record", folder.file("record")] + options)
        port = peer.greeting
    }

    struct Taken: Decodable {
        let message: ReadMail
        let sender: String
        let recipients: [String]
        let secure: Bool
        let user: String?
    }

    /// The MAIL commands seen.
    var begun: [String] { withExtendedLifetime(peer) { folder.lines("record").filter { $0.contains(#""command""#) } } }

    var taken: [Taken] {
        get throws {
            try withExtendedLifetime(peer) {
                try folder.lines("record").filter { $0.contains(#""message""#) }.map { try JSONDecoder().decode(Taken.self, from: Data($0.utf8)) }
            }
        }
    }
}

@Suite("Mail over SMTP", .enabled(if: Peer.hasSMTP))
struct SMTPTransportTests {
    static let chinese = MailMessage.sample(
        from: "面孔 <noreply@vultus.test>", subject: "确认您的电子邮件地址（重要）", text: "您好，\n\n请确认：https://hub.test/verify?token=S3CRET-0001\n.\n谢谢。\n",
        language: "zh-Hans")

    private func failure(_ transport: SMTPTransport, _ message: MailMessage = chinese) async -> MailTransportError? {
        do {
            try await transport.send(message)
            return nil
        } catch {
            return error
        }
    }

    @Test("a Chinese message arrives as it was written") func arrives() async throws {
        let peer = try SMTPPeer()
        try await SMTPTransport(url: "smtp://127.0.0.1:\(peer.port)").send(Self.chinese)
        let taken = try #require(try peer.taken.first)
        #expect(taken.message.subject == Self.chinese.subject)
        #expect(taken.message.text == Self.chinese.text)
        #expect(taken.message.from == ["面孔 <noreply@vultus.test>"] && taken.message.to == ["li@example.test"])
        #expect(taken.sender == "noreply@vultus.test" && taken.recipients == ["li@example.test"])
        #expect(taken.message.defects.isEmpty && !taken.secure)
    }

    @Test("lines of dots, long texts and several messages in turn arrive whole") func several() async throws {
        let peer = try SMTPPeer()
        let transport = try SMTPTransport(url: "smtp://127.0.0.1:\(peer.port)")
        let texts: [String] = [".\n..\n.end\n", String(repeating: "x.\n.y 0123456789\n", count: 20_000), "last\n"]
        for (index, text) in texts.enumerated() { try await transport.send(.sample(id: "mail_\(index)", text: text)) }
        #expect(try peer.taken.map(\.message.text) == texts)
    }

    @Test(
        "4xx is for later, 5xx for ever, whatever it is about",
        arguments: [
            (["--answer-recipient", "451 4.2.1 S3CRET-0001 busy"], "451 4.2.1", true), (["--answer-data", "451 4.3.0 S3CRET-0001 full"], "451 4.3.0", true),
            (["--answer-recipient", "550 5.1.1 no such S3CRET-0001"], "550 5.1.1", false),
            (["--answer-data", "550 5.7.1 spam S3CRET-0001"], "550 5.7.1", false),
        ])
    func refused(options: [String], code: String, isTransient: Bool) async throws {
        let peer = try SMTPPeer(options)
        let error = try #require(await failure(SMTPTransport(url: "smtp://127.0.0.1:\(peer.port)")))
        switch error {
        case .transient(let reason), .permanent(let reason): #expect(reason.contains(code) && !reason.contains("S3CRET"), "\(reason)")
        }
        if case .transient = error { #expect(isTransient) } else { #expect(!isTransient) }
        #expect(try peer.taken.isEmpty)
    }

    @Test("logs in where it must, and keeps the message when the password is wrong") func login() async throws {
        let peer = try SMTPPeer(["--login", "hub:p@ss/word"])
        try await SMTPTransport(url: "smtp://hub:p%40ss%2Fword@127.0.0.1:\(peer.port)").send(.sample())
        #expect(try peer.taken.map(\.user) == ["hub"])
        for (credentials, code) in [("", "530 5.7.0"), ("hub:wr0ng-password@", "535 5.7.8")] {
            let error = try #require(await failure(SMTPTransport(url: "smtp://\(credentials)127.0.0.1:\(peer.port)")))
            guard case .transient(let reason) = error else {
                Issue.record("\(error)")
                continue
            }
            #expect(reason.contains(code) && !reason.contains("wr0ng"), "\(reason)")
        }
        #expect(try peer.taken.count == 1)
    }

    @Test("STARTTLS secures the message under an authority that is known", arguments: [["--certificate"], ["--implicit", "--certificate"]])
    func secured(options: [String]) async throws {
        let authority = try Authority()
        let peer = try SMTPPeer(options + [authority.server, "--login", "hub:secret"])
        let scheme: String = options.contains("--implicit") ? "smtps" : "smtp"
        try await SMTPTransport(url: "\(scheme)://hub:secret@localhost:\(peer.port)", startTLS: .required, caFile: authority.caFile).send(Self.chinese)
        let taken = try #require(try peer.taken.first)
        #expect(taken.secure && taken.user == "hub" && taken.message.text == Self.chinese.text)
    }

    @Test("a certificate of another authority, or of another name, is an error and nothing is sent", arguments: ["smtp", "smtps"])
    func untrusted(scheme: String) async throws {
        let (authority, other) = (try Authority(), try Authority())
        let peer = try SMTPPeer(["--certificate", authority.server, "--login", "hub:secret"] + (scheme == "smtps" ? ["--implicit"] : []))
        for (host, caFile) in [("localhost", other.caFile), ("127.0.0.2", authority.caFile), ("localhost", nil)] {
            let error = try #require(await failure(SMTPTransport(url: "\(scheme)://hub:secret@\(host):\(peer.port)", startTLS: .required, caFile: caFile)))
            guard case .transient(let reason) = error else {
                Issue.record("\(error)")
                continue
            }
            #expect(host == "127.0.0.2" || reason.contains("not trusted"), "\(reason)")
        }
        #expect(peer.begun.isEmpty)
    }

    @Test("STARTTLS required but not offered is an error and nothing is sent") func stripped() async throws {
        let peer = try SMTPPeer()
        let error = try #require(await failure(SMTPTransport(url: "smtp://localhost:\(peer.port)", startTLS: .required)))
        #expect(error == .transient(reason: "localhost:\(peer.port): STARTTLS is required but not offered"))
        #expect(peer.begun.isEmpty)
    }

    @Test("an address beyond ASCII goes where SMTPUTF8 is offered, and nowhere else", arguments: [false, true], [false, true])
    func international(isASCII: Bool, isSecure: Bool) async throws {
        let authority = try Authority()
        let peer = try SMTPPeer((isASCII ? ["--ascii"] : []) + (isSecure ? ["--certificate", authority.server] : []))
        let transport = try SMTPTransport(
            url: "smtp://localhost:\(peer.port)", startTLS: isSecure ? .required : .insecure, caFile: isSecure ? authority.caFile : nil)
        let error: MailTransportError? = await failure(transport, .sample(to: "李明@xn--fsqu00a.test"))
        if isASCII {
            guard case .permanent(let reason) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(reason.contains("SMTPUTF8"))
            #expect(peer.begun.isEmpty)
        } else {
            #expect(error == nil)
            #expect(try peer.taken.map(\.recipients) == [["李明@xn--fsqu00a.test"]])
            #expect(try peer.taken.map(\.message.to) == [["李明@xn--fsqu00a.test"]])
            #expect(peer.begun.first?.contains("SMTPUTF8") == true)
        }
        // The rule is about addresses: any text goes to any server.
        #expect(await failure(transport) == nil)
    }

    @Test("headers of somebody's own are refused before anything is sent") func injection() async throws {
        let peer = try SMTPPeer()
        let transport = try SMTPTransport(url: "smtp://127.0.0.1:\(peer.port)")
        for message in [MailMessage.sample(subject: "x\r\nBcc: a@b.test"), .sample(to: "a@b.test>\r\nRCPT TO:<c@d.test"), .sample(from: "x\n <a@b.test>")] {
            guard case .permanent = await failure(transport, message) else {
                Issue.record("taken")
                continue
            }
        }
        #expect(peer.begun.isEmpty)
    }

    @Test("no server is for later, and soon known") func nobody() async throws {
        let port: String = try SMTPPeer().port
        let (error, took) = await (try SMTPTransport(url: "smtp://127.0.0.1:\(port)")).timed(Self.chinese)
        guard case .transient? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(took < .seconds(5))
    }
}

extension SMTPTransport {
    /// Measured on its own thread: what waits for a turn on the processor, among tests in parallel, is this one and not the transport.
    fileprivate func timed(_ message: MailMessage) async -> (error: MailTransportError?, took: Duration) {
        let start = ContinuousClock.now
        do throws(MailTransportError) {
            try await send(message)
            return (nil, .now - start)
        } catch {
            return (error, .now - start)
        }
    }
}

@Suite("Addresses of mail servers")
struct SMTPServerTests {
    @Test(
        "TLS is required unless the host is this one",
        arguments: [
            ("smtp://mail.example.test", true), ("smtp://10.0.0.1:25", true), ("smtp://localhost.example.test", true), ("smtp://localhost:25", false),
            ("smtp://127.0.0.9", false), ("smtp://[::1]:25", false), ("smtp://[2001:db8::1]", true),
        ])
    func policy(url: String, isRequired: Bool) throws {
        #expect(try SMTPTransport(url: url).startTLS == (isRequired ? .required : .insecure))
        #expect(try SMTPTransport(url: url, startTLS: .insecure).startTLS == .insecure)
        #expect(try SMTPTransport(url: url, startTLS: .required).startTLS == .required)
    }

    @Test(
        "what is no mail server's address is refused, and never repeated",
        arguments: [
            "", "mail.example.test", "http://hub:s3cret@mail.test", "smtp://", "smtp://hub:s3cret@mail.test/path", "smtp://mail.test?x=s3cret",
            "smtp://hub@mail.test", "smtp://hub:s3cret@mail.test:99999", "smtp://hub:s3cret@mail.test:0",
        ])
    func refused(url: String) {
        #expect {
            _ = try SMTPTransport(url: url)
        } throws: { error in
            guard let problem = error as? Problem else { return false }
            return problem.code == .invalidRequest && !"\(problem)".contains("s3cret")
        }
    }
}
