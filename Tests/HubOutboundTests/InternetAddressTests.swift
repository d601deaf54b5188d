import CurlTransfer
import Testing

@Suite("Addresses")
struct InternetAddressTests {
    @Test(
        "a server on the open network can have these",
        arguments: [
            "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255",
            "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
            "2606:4700:4700::1111", "2a00:1450:4001:800::200e", "2001:200::1", "2400:cb00::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1",
        ])
    func open(text: String) throws {
        #expect(try #require(InternetAddress(text)).isPublicAddress)
    }

    @Test(
        "nobody's public server has these",
        arguments: [
            "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254", "169.254.169.254",
            "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.1",
            "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
            "::", "::1", "::7f00:1", "fe80::1", "febf::1", "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1", "100::1", "2001:db8::1", "3fff::1", "2001::1",
            "2001:10::1", "64:ff9b:1::1", "5f00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::10.0.0.1",
            "64:ff9b::7f00:1", "2002:7f00:1::1", "2002:c0a8:101::1", "2002:a9fe:a9fe::",
        ])
    func closed(text: String) throws {
        #expect(try !#require(InternetAddress(text)).isPublicAddress)
    }

    @Test("what is no IP address is not public") func other() {
        #expect(!InternetAddress(bytes: []).isPublicAddress)
        #expect(InternetAddress("localhost") == nil)
    }
}
