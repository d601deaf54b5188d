import Testing
import WireModel

@testable import HubAccess

@Suite("API key texts")
struct APIKeyTextTests {
    @Test("a generated key reads back, and shows nothing but its ends", arguments: KeyEnvironment.allCases)
    func roundTrip(_ environment: KeyEnvironment) throws {
        let key = APIKeyText.generate(environment)
        #expect(key.text.hasPrefix("vlt_\(environment.rawValue)_"))
        #expect(key.text.utf8.count == 9 + 43 + 6)
        #expect(try #require(APIKeyText(key.text)) == key)
        #expect(key != APIKeyText.generate(environment))
        #expect(key.hint == "\(key.text.prefix(13))…\(key.text.suffix(4))")
        #expect(key.hash == SecretToken.hash(key.text))
    }

    @Test("every change of one character shows")
    func changes() {
        let characters: [UInt8] = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-é".utf8)
        for _ in 0..<5 {
            let key: [UInt8] = Array(APIKeyText.generate(.live).text.utf8)
            for index in key.indices {
                for character in characters where character != key[index] {
                    var changed: [UInt8] = key
                    changed[index] = character
                    if APIKeyText(String(decoding: changed, as: UTF8.self)) != nil { Issue.record("\(index) may be \(character)") }
                }
                var shorter: [UInt8] = key
                shorter.remove(at: index)
                #expect(APIKeyText(String(decoding: shorter, as: UTF8.self)) == nil)
            }
        }
    }

    @Test("two characters that changed places show, and so do other forms")
    func forms() {
        let text: String = APIKeyText.generate(.test).text
        var swapped: [UInt8] = Array(text.utf8)
        let place: Int = (9..<50).first { swapped[$0] != swapped[$0 + 1] } ?? 9
        swapped.swapAt(place, place + 1)
        for wrong in ["", "vlt_", "vlt_live_", text + " ", " " + text, text + "0", text.replacing("vlt_test_", with: "vlt_live_"), text.uppercased()] {
            #expect(APIKeyText(wrong) == nil)
        }
        #expect(APIKeyText(String(decoding: swapped, as: UTF8.self)) == nil)
    }

    @Test("the checksum is zip's CRC-32, and base62 has its digits in order")
    func parts() {
        #expect(CyclicRedundancyCheck.crc32("123456789".utf8) == 0xCBF4_3926)
        #expect(Base62.digits([0], count: 2) == Array("00".utf8))
        #expect(Base62.digits([61], count: 2) == Array("0z".utf8))
        #expect(Base62.digits([1, 0], count: 3) == Array("048".utf8))
        #expect(Base62.digits([UInt8](repeating: 255, count: 4), count: 6) == Array("4gfFC3".utf8))
        #expect(Base62.digits([UInt8](repeating: 255, count: 32), count: 43).count == 43)
    }

    @Test("secret tokens are 256 random bits behind their prefix")
    func tokens() {
        let token: String = SecretToken.generate(prefix: "ses_")
        #expect(token.hasPrefix("ses_"))
        #expect(token.utf8.count == 4 + 43)
        #expect(token != SecretToken.generate(prefix: "ses_"))
        #expect(SecretToken.hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}

@Suite("Sealing")
struct SecretSealerTests {
    private let sealer = SecretSealer(key: [UInt8](0..<32))
    private let plain: [UInt8] = Array("a secret".utf8)

    @Test("opens under its own context and key, unchanged, and in no other way")
    func seals() throws {
        let sealed: [UInt8] = try sealer.seal(plain, context: "totp/usr_1")
        #expect(try sealer.open(sealed, context: "totp/usr_1") == plain)
        #expect(try SecretSealer(key: [UInt8](0..<32)).open(sealed, context: "totp/usr_1") == plain)
        #expect(try sealer.seal(plain, context: "totp/usr_1") != sealed)
        #expect(throws: AccessError.sealedRefused) { try sealer.open(sealed, context: "totp/usr_2") }
        #expect(throws: AccessError.sealedRefused) { try SecretSealer(key: [UInt8](1..<33)).open(sealed, context: "totp/usr_1") }
        for index in sealed.indices {
            var changed: [UInt8] = sealed
            changed[index] ^= 1
            #expect(throws: index == 0 ? AccessError.sealedFormUnknown(version: 0) : .sealedRefused) { try sealer.open(changed, context: "totp/usr_1") }
        }
        for count in sealed.indices {
            #expect(throws: AccessError.self) { try sealer.open(Array(sealed.prefix(count)), context: "totp/usr_1") }
        }
    }

    @Test("nothing at all can be sealed too")
    func empty() throws {
        let sealed: [UInt8] = try sealer.seal([], context: "")
        #expect(sealed.count == 1 + 12 + 16)
        #expect(try sealer.open(sealed, context: "") == [])
    }

    @Test("a code differs by text, context and key")
    func codes() {
        let code: String = sealer.mac("text", context: "a")
        #expect(code.utf8.count == 64)
        #expect(code == sealer.mac("text", context: "a"))
        #expect(code != sealer.mac("texu", context: "a"))
        #expect(code != sealer.mac("text", context: "b"))
        #expect(code != SecretSealer(key: [UInt8](1..<33)).mac("text", context: "a"))
    }

    @Test("what fails is told as a problem that names the next step")
    func problems() {
        let errors: [AccessError] = [.outOfMemory(bytes: 1), .sealedTooShort(bytes: 1), .sealedFormUnknown(version: 9), .sealedRefused]
        for error in errors { #expect(!error.problem.remedy.isEmpty) }
    }

    @Test("equal is equal, and different is different wherever it differs")
    func constantTime() {
        #expect(ConstantTime.equal([], []))
        #expect(ConstantTime.equal(plain, plain))
        #expect(!ConstantTime.equal(plain, Array(plain.dropLast())))
        for index in plain.indices {
            var changed: [UInt8] = plain
            changed[index] ^= 0x80
            #expect(!ConstantTime.equal(plain, changed))
        }
    }
}
