extension String {
    /// As a form sends it (URL Standard §5.2): everything but letters and digits escaped.
    package var formEscaped: String {
        utf8.map { byte in
            let isPlain: Bool = (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            return isPlain ? String(decoding: [byte], as: UTF8.self) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }
}
