import Testing

@testable import HubAccess

@Suite("Mail domains")
struct MailDomainListTests {
    private static let texts: [(name: String, text: String)] = [
        ("public", MailDomainList.builtInPublicProviders), ("disposable", MailDomainList.builtInDisposable),
    ]

    @Test(
        "are told apart, with everything below them",
        arguments: [
            ("gmail.com", .publicProvider), ("foo.gmail.com", .publicProvider), ("a.b.gmail.com", .publicProvider), ("notgmail.com", .ordinary),
            ("gmail.com.example", .ordinary), ("GMAIL.com", .publicProvider), ("outlook.de", .publicProvider), ("hotmail.co.uk", .publicProvider),
            ("yahoo.co.jp", .publicProvider), ("icloud.com", .publicProvider), ("proton.me", .publicProvider), ("gmx.de", .publicProvider),
            ("web.de", .publicProvider),
            ("mail.ru", .publicProvider), ("yandex.ru", .publicProvider), ("qq.com", .publicProvider), ("vip.qq.com", .publicProvider),
            ("163.com", .publicProvider),
            ("naver.com", .publicProvider), ("orange.fr", .publicProvider), ("seznam.cz", .publicProvider), ("wp.pl", .publicProvider),
            ("uol.com.br", .publicProvider),
            ("mailinator.com", .disposable), ("x.mailinator.com", .disposable), ("yopmail.com", .disposable), ("guerrillamail.com", .disposable),
            ("10minutemail.com", .disposable), ("temp-mail.org", .disposable), ("com", .ordinary), ("", .ordinary), (".", .ordinary),
        ] as [(String, MailDomainKind)])
    func kinds(_ domain: String, _ kind: MailDomainKind) {
        #expect(MailDomainList.builtIn.kind(of: domain) == kind)
    }

    @Test(
        "an organisation's own domain is ordinary",
        arguments: [
            "siemens.com", "huawei.com", "microsoft.com", "apple.com", "yahoo-inc.com", "yahooinc.com", "tencent.com", "google.com", "alibaba-inc.com",
            "alibaba.com",
            "telekom.de", "telekom.com", "vodafone.com", "vodafone.de", "orange.com", "bt.com", "att.com", "verizon.com", "verizonwireless.com", "comcast.com",
            "sap.com", "bosch.com", "bmw.de", "ibm.com", "samsung.com", "sony.com", "toyota.co.jp", "naverCorp.com", "kakaocorp.com", "corp.mail.ru.example",
            "netease-inc.com", "telefonica.com", "swisscom.com", "ntt.com", "rakuten.com", "rediff.com", "berlin.de", "bund.de", "gov.uk", "europa.eu",
            "mit.edu",
            "ox.ac.uk", "example.com", "example.org", "co.uk", "com.br", "ne.jp", "fr.nf", "pp.ua",
        ])
    func ordinary(_ domain: String) {
        #expect(MailDomainList.builtIn.kind(of: domain) == .ordinary)
    }

    @Test("both lists are sorted in their groups, in lower case, without doubles, and each name is as it would be looked up")
    func wellKept() {
        var seen: Set<String> = []
        for (name, text) in Self.texts {
            var own: Set<String> = []
            for group in text.split(separator: "#").map({ $0.drop { !$0.isNewline } }) {
                let words: [String] = group.split(whereSeparator: \.isWhitespace).map(String.init)
                #expect(!words.isEmpty)
                #expect(words == words.sorted(), "\(name)")
                for word in words {
                    #expect(DomainName.ascii(word) == word)
                    #expect(word.contains("."))
                    #expect(seen.insert(word).inserted, "\(word) is there twice")
                    own.insert(word)
                }
            }
            #expect(own == MailDomainList.parse(text))
        }
    }

    @Test("no name is listed below another, which would say nothing")
    func noneBelow() {
        let all: Set<String> = Set(Self.texts.flatMap { MailDomainList.parse($0.text) })
        for domain in all {
            var name: Substring = domain[...]
            while let dot = name.firstIndex(of: ".") {
                name = name[name.index(after: dot)...]
                #expect(!all.contains(String(name)), "\(domain) is below \(name)")
            }
        }
    }

    @Test("there are at least 350 public providers and 250 disposable domains")
    func counts() {
        #expect(MailDomainList.parse(MailDomainList.builtInPublicProviders).count >= 350)
        #expect(MailDomainList.parse(MailDomainList.builtInDisposable).count >= 250)
    }

    @Test("an operator's list is read line by line, comments and other spellings included")
    func parse() {
        let text: String = "# ours\nMail.Example\n\n  bücher.example # books\r\nXN--BCHER-KVA.example\nnot a_domain\ncom\n-x-.example\nlast.example"
        #expect(MailDomainList.parse(text) == ["mail.example", "xn--bcher-kva.example", "last.example"])
    }

    @Test("the nearest name decides, and disposable goes before public")
    func precedence() {
        let list = MailDomainList(publicProviders: ["a.example", "x.b.example", "c.example"], disposable: ["b.example", "c.example"])
        #expect(list.kind(of: "x.b.example") == .publicProvider)
        #expect(list.kind(of: "y.b.example") == .disposable)
        #expect(list.kind(of: "c.example") == .disposable)
        #expect(list.kind(of: "example") == .ordinary)
    }
}
