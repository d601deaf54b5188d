import Crypto
import HTTPTypes
import HubDomain
import HubStorage
import WireModel

/// What a call asks to be done, and what it may cost at most.
struct MeteredWork: Sendable {
    /// What is metered; `nil` costs nothing.
    let api: APIName?
    /// An entitlement to any of these permits it.
    let permissions: [APIName]
    let mostUnits: Int64
}

/// What the work came to.
struct MeteredResult: Sendable {
    let reply: Reply
    let units: Int64
    /// Written together with the charge.
    let besides: (@Sendable (any SQLConnection, MeteringRecord, Timestamp) throws -> Void)?

    init(_ reply: Reply, units: Int64, besides: (@Sendable (any SQLConnection, MeteringRecord, Timestamp) throws -> Void)? = nil) {
        self.reply = reply
        self.units = units
        self.besides = besides
    }
}

/// Around the work of one call: claims before it, settles or releases after it, and answers repetitions with the first answer.
struct MeteredCall {
    let hub: Hub
    let call: Call
    let method: String

    /// - Throws: `MeterRefusal`; whatever the work throws, after nothing was charged.
    func perform(_ work: MeteredWork, _ body: @Sendable (MeteringRecordID) async throws -> MeteredResult) async throws -> Reply {
        guard case .key(let passage) = call.caller, let application = passage.application, let first = work.api ?? work.permissions.first else {
            throw GateRefusal.keyMissing
        }
        let key: String? = method == "GET" ? nil : try call.idempotencyKey
        let request = ClaimRequest(
            id: key.map { Self.record(of: $0, application) } ?? MeteringRecordID(at: hub.now()), account: passage.account, application: application,
            key: passage.key, api: first, permissions: work.api.map { [$0] } ?? work.permissions, units: work.mostUnits,
            requestHash: key.map { _ in requestHash }, keyPerMinute: passage.perMinute)
        switch try await hub.claim(request) {
        case .refused(let refusal): throw refusal
        case .repeated(let kept):
            var reply = Reply(status: kept.status, body: kept.body, type: kept.mediaType)
            reply.headers[.idempotencyReplayed] = "true"
            reply.headers[.vultusRecord] = request.id.rawValue
            return reply
        case .granted(let id, let rates):
            let result: MeteredResult
            do { result = try await body(id) } catch {
                try await hub.release(id, fault: Problem(describing: error).code)
                throw error
            }
            var reply: Reply = result.reply
            let answer: KeptAnswer? = key.map { _ in KeptAnswer(status: reply.status, mediaType: reply.type, body: reply.body) }
            try await hub.settle(id, units: result.units, answer: answer, besides: result.besides)
            RateHeaders.set(rates, on: &reply.headers)
            reply.headers[.vultusRecord] = id.rawValue
            reply.headers[.vultusUnits] = String(result.units)
            if !passage.grace.isEmpty {
                reply.headers[.vultusAgreementPending] = passage.grace.map { "\($0.document)/\($0.number)" }.joined(separator: ", ")
            }
            return reply
        }
    }

    /// The same for every repetition, on every hub, for ever.
    private static func record(of key: String, _ application: ApplicationID) -> MeteringRecordID {
        var canonical = CanonicalBytes(domain: "vultus-idempotency-1")
        canonical.append(application.rawValue)
        canonical.append(key)
        return MeteringRecordID(digestOf: canonical)
    }

    /// What stands between the parts of a form (RFC 2046 §5.1.1); nothing for other bodies. It begins with a line's end, which no boundary
    /// holds, so that looking for it never compares a byte often.
    private var delimiter: [UInt8] {
        let type: [Substring] = (call.headers[.contentType] ?? "").split(separator: ";").map { $0.drop { $0 == " " } }
        guard type.first?.lowercased().hasPrefix(MediaType.form) == true,
            let boundary = type.first(where: { $0.lowercased().hasPrefix("boundary=") })?.dropFirst(9).filter({ $0 != "\"" }),
            (1...70).contains(boundary.utf8.count)
        else { return [] }
        return Array("\r\n--\(boundary)".utf8)
    }

    private var requestHash: String {
        var canonical = CanonicalBytes(domain: "vultus-request-1")
        // Another key may see less: it does not get this one's answers.
        if case .key(let passage) = call.caller { canonical.append(passage.key?.rawValue ?? "") }
        canonical.append(method)
        canonical.append(call.target)
        canonical.append(call.headers[.vultusVariant] ?? "")
        // A form that is sent again has other lines between its parts.
        let delimiter: [UInt8] = delimiter
        let first: [UInt8] = Array(delimiter.dropFirst(2))
        let body: [UInt8] = !first.isEmpty && call.bytes.starts(with: first) ? Array(call.bytes.dropFirst(first.count)) : call.bytes
        for part in body.split(separating: delimiter) { canonical.append(part) }
        return Array(SHA256.hash(data: canonical.bytes)).hexadecimal
    }
}

extension Call {
    /// A string of RFC 8941, or the same without quotes, as most clients send it.
    var idempotencyKey: String? {
        get throws(Problem) {
            guard let sent = headers[.idempotencyKey] else { return nil }
            let isQuoted: Bool = sent.hasPrefix("\"") && sent.hasSuffix("\"") && sent.utf8.count >= 2
            let key: String = isQuoted ? String(sent.dropFirst().dropLast()) : sent
            guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw Problem(.invalidRequest, "That is not an Idempotency-Key.", remedy: "Send 1 to 255 visible ASCII characters, a UUID for example.")
            }
            return key
        }
    }
}

extension [UInt8] {
    /// What lies between the separators; the whole when there is none.
    fileprivate func split(separating separator: [UInt8]) -> [[UInt8]] {
        guard separator.count >= 2, let first = separator.first else { return [self] }
        var (parts, begin, at): ([[UInt8]], Int, Int) = ([], 0, 0)
        while let next = self[at...].firstIndex(of: first), next + separator.count <= count {
            if self[next..<next + separator.count].elementsEqual(separator) {
                parts.append(Array(self[begin..<next]))
                begin = next + separator.count
                at = begin
            } else {
                at = next + 1
            }
        }
        return parts + [Array(self[begin...])]
    }
}
