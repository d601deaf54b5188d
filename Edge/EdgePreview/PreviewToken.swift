import ServiceSupport
import WireModel

/// The secret by which a browser may look: another one for every run, in a file of this user's alone while the agent runs.
package struct PreviewToken: Sendable {
    /// 64 hexadecimal digits.
    private let text: String
    /// Of this run: browsers keep cookies by host, not by port, so that two agents of a machine need two names.
    let cookie: String

    package init() {
        text = SystemRandom.bytes(32).hexadecimal
        cookie = "vultus_preview_" + SystemRandom.bytes(4).hexadecimal
    }

    func admits(_ sent: String?) -> Bool { sent.map { ConstantTime.isEqual($0.utf8, text.utf8) } ?? false }

    /// `HttpOnly`: no script reads it. `Lax`: the address may be opened from anywhere, but no other site's page can use it.
    var setCookie: String { "\(cookie)=\(text); Path=/; HttpOnly; SameSite=Lax" }

    package static func path(in directory: String) -> String { directory + "/preview-url" }

    /// - Returns: the address with the token, to be opened in a browser.
    func publish(_ url: String, in directory: String) throws(Problem) -> String {
        let whole: String = url + "?token=" + text
        try PrivateFiles.write(Array((whole + "\n").utf8), to: Self.path(in: directory), isDurable: false)
        return whole
    }
}
