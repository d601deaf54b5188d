import Testing
import WireModel

@testable import HubAccess

private let secret = TOTPSecret(bytes: Array("12345678901234567890".utf8))

private func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1000) }

@Suite("Authenticator codes")
struct TOTPSecretTests {
    @Test(
        "RFC 4226 appendix D",
        arguments: zip(0..., ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]).map { ($0, $1) })
    func counters(_ counter: Int, _ code: String) {
        #expect(secret.code(step: Int64(counter)) == code)
    }

    // The RFC's codes have eight digits; six are the last six of them, as both are remainders of powers of ten.
    @Test(
        "RFC 6238 appendix B, SHA-1",
        arguments: [
            (59, "94287082"), (1_111_111_109, "07081804"), (1_111_111_111, "14050471"), (1_234_567_890, "89005924"), (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] as [(Int64, String)])
    func times(_ seconds: Int64, _ code: String) {
        #expect(secret.code(at: at(seconds)) == String(code.suffix(6)))
    }

    @Test("a code is good in its step, the one before and the one after, and no further")
    func window() {
        let now: Int64 = 1_800_000_000
        let code: String = secret.code(at: at(now))
        let step: Int64 = now / 30
        #expect(secret.step(of: code, at: at(now), after: 0) == step)
        #expect(secret.step(of: code, at: at(now + 59), after: 0) == step)
        #expect(secret.step(of: code, at: at(now - 30), after: 0) == step)
        #expect(secret.step(of: code, at: at(now + 60), after: 0) == nil)
        #expect(secret.step(of: code, at: at(now - 31), after: 0) == nil)
    }

    @Test("a code is good once, and an earlier one not after it")
    func replay() throws {
        let now: Int64 = 1_800_000_000
        let earlier: String = secret.code(at: at(now - 30))
        let code: String = secret.code(at: at(now))
        let used: Int64 = try #require(secret.step(of: code, at: at(now), after: 0))
        #expect(secret.step(of: code, at: at(now), after: used) == nil)
        #expect(secret.step(of: earlier, at: at(now), after: used) == nil)
        #expect(secret.step(of: secret.code(at: at(now + 30)), at: at(now), after: used) == used + 1)
    }

    @Test("only six digits are a code; spaces between them are forgiven")
    func form() {
        let now: Timestamp = at(59)
        #expect(secret.step(of: "287 082", at: now, after: 0) == 1)
        for wrong in ["", "28708", "2870820", "94287082", "28708x", "２８７０８２", "287083"] {
            #expect(secret.step(of: wrong, at: now, after: 0) == nil)
        }
    }

    @Test("the secret is 160 random bits, and authenticators read it from the address")
    func address() {
        #expect(TOTPSecret.generate().bytes.count == 20)
        #expect(TOTPSecret.generate().bytes != TOTPSecret.generate().bytes)
        #expect(secret.base32 == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
        #expect(
            secret.uri(issuer: "Vultus: Hub", account: "anna+x@bücher.example")
                == "otpauth://totp/Vultus%3A%20Hub:anna%2Bx%40b%C3%BCcher.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Vultus%3A%20Hub&algorithm=SHA1&digits=6&period=30"
        )
    }

    @Test("base32 as in RFC 4648 §10, without padding")
    func base32() {
        let vectors: [(String, String)] = [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("foobar", "MZXW6YTBOI")]
        for (plain, text) in vectors { #expect(Base32.text(Array(plain.utf8)) == text) }
    }
}

@Suite("Recovery codes")
struct RecoveryCodeTests {
    @Test("ten different ones of 16 letters, in groups")
    func form() {
        let codes: [String] = RecoveryCodes.generate()
        #expect(Set(codes).count == 10)
        for code in codes {
            #expect(code.split(separator: "-").map(\.count) == [5, 5, 5, 1])
            #expect(code.allSatisfy { "0123456789abcdefghjkmnpqrstvwxyz-".contains($0) })
        }
        #expect(RecoveryCodes.generate(3).count == 3)
    }

    @Test("case, dashes, spaces and look-alike letters do not matter; anything else does")
    func hash() {
        let hash: String = RecoveryCodes.hash("01abc-defgh-jkmnp-q")
        for same in ["01ABC-DEFGH-JKMNP-Q", "01abcdefghjkmnpq", " 01abc defgh jkmnp q\n", "oIabc-defgh-jkmnp-q", "OLabc-defgh-jkmnp-q"] {
            #expect(RecoveryCodes.hash(same) == hash)
        }
        #expect(RecoveryCodes.hash("01abc-defgh-jkmnp-r") != hash)
        #expect(hash.count == 64)
    }
}
