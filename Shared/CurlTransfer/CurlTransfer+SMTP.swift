import CCurl

/// One message for one SMTP server.
package struct SMTPSubmission: Sendable {
    /// When `smtp://` is to become TLS. `smtps://` is TLS from the first byte.
    package enum StartTLS: Sendable {
        case required, whenOffered
    }

    /// `smtp://host:port` or `smtps://host:port`, without credentials.
    package var url: String
    package var credentials: (user: String, password: String)?
    package var startTLS: StartTLS
    package var trust: TransferTrust
    package var timeout: Duration
    /// Envelope addresses, without brackets.
    package var sender: String
    package var recipient: String
    /// The message as of RFC 5322, CRLF at each line's end.
    package var message: [UInt8]

    package init(
        url: String, credentials: (user: String, password: String)?, startTLS: StartTLS, trust: TransferTrust, timeout: Duration, sender: String,
        recipient: String, message: [UInt8]
    ) {
        self.url = url
        self.credentials = credentials
        self.startTLS = startTLS
        self.trust = trust
        self.timeout = timeout
        self.sender = sender
        self.recipient = recipient
        self.message = message
    }
}

extension CurlTransfer {
    /// Submits one message in a session of its own, never through a proxy. Blocks for up to its timeout.
    ///
    /// Returns when the server has taken the message over. A session cut between the message's end and that reply throws,
    /// though the server may have it: send again with the same Message-ID.
    package func submit(_ submission: SMTPSubmission) throws(CurlTransferError) {
        let handle: UnsafeMutableRawPointer = fresh(
            url: submission.url, protocols: "smtp,smtps", timeout: submission.timeout, trust: submission.trust)
        let startTLS: curl_usessl = submission.startTLS == .required ? CURLUSESSL_ALL : CURLUSESSL_TRY
        vultus_curl_set_long(handle, CURLOPT_USE_SSL, Int(startTLS.rawValue))
        vultus_curl_set_text(handle, CURLOPT_PROXY, "")
        vultus_curl_set_long(handle, CURLOPT_FRESH_CONNECT, 1)
        vultus_curl_set_long(handle, CURLOPT_FORBID_REUSE, 1)
        if let credentials = submission.credentials {
            vultus_curl_set_text(handle, CURLOPT_USERNAME, credentials.user)
            vultus_curl_set_text(handle, CURLOPT_PASSWORD, credentials.password)
        }
        var recipients: UnsafeMutablePointer<curl_slist>?
        defer { curl_slist_free_all(recipients) }
        recipients = curl_slist_append(recipients, "<\(submission.recipient)>")
        vultus_curl_set_text(handle, CURLOPT_MAIL_FROM, "<\(submission.sender)>")
        vultus_curl_set_pointer(handle, CURLOPT_MAIL_RCPT, recipients)
        vultus_curl_set_long(handle, CURLOPT_UPLOAD, 1)
        vultus_curl_set_long(handle, CURLOPT_INFILESIZE, submission.message.count)

        let session = SMTPSession(submission)
        let context: UnsafeMutableRawPointer = Unmanaged.passUnretained(session).toOpaque()
        vultus_curl_set_reader(
            handle,
            { bytes, size, count, context in
                let session = Unmanaged<SMTPSession>.fromOpaque(context!).takeUnretainedValue()
                return session.read(into: UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
            }, context)
        vultus_curl_set_header_writer(
            handle,
            { bytes, size, count, context in
                let session = Unmanaged<SMTPSession>.fromOpaque(context!).takeUnretainedValue()
                return session.heard(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
            }, context)
        // Replies arrive as headers; what is no header goes nowhere, rather than to standard output.
        vultus_curl_set_writer(handle, { _, size, count, _ in size * count }, nil)

        let (code, reason) = withExtendedLifetime(session) { perform(handle) }
        guard code != CURLE_OK else { return }
        throw Self.fault(code, reason, of: session, reply: vultus_curl_status(handle))
    }

    private static func fault(_ code: CURLcode, _ reason: String, of session: SMTPSession, reply: Int) -> CurlTransferError {
        if session.lacksUTF8 { return .notOffered(extension: "SMTPUTF8") }
        switch code {
        case CURLE_USE_SSL_FAILED:
            return .notOffered(extension: "STARTTLS")
        case CURLE_SEND_ERROR where (400...599).contains(reply):
            // libcurl's words here are "MAIL failed", "RCPT failed" or "DATA failed" and the number.
            return .refused(reply: reply, reason: reason + session.status)
        case CURLE_WEIRD_SERVER_REPLY where (400...599).contains(reply) && session.hasSentMessage:
            return .refused(reply: reply, reason: "the message's text was refused: \(reply)" + session.status)
        case CURLE_WEIRD_SERVER_REPLY, CURLE_REMOTE_ACCESS_DENIED:
            return .sessionRefused(reply: reply, reason: "the session was refused: \(reply)" + session.status)
        case CURLE_LOGIN_DENIED:
            let why: String = (400...599).contains(reply) ? "the credentials were refused: \(reply)\(session.status)" : "no common way to log in"
            return .sessionRefused(reply: reply, reason: why)
        default:
            return fault(code, reason)
        }
    }
}
