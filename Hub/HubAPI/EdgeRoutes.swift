import HTTPTypes
import HubDomain
import RecognitionAPI
import WireModel

/// The routes devices speak to: `/edge/v1`. They have messages of their own (WireModel), larger and versioned with the
/// agent, and so read their bodies themselves.
struct EdgeRoutes {
    let hub: Hub
    private let admission = SyncAdmission()

    init(hub: Hub) { self.hub = hub }

    var routes: [Route] {
        [
            Route(.get, Routes.authority, .open, "The hub's authority, PEM.", success: (200, nil), isDocumented: false) { _ in
                Reply(status: 200, body: Array(hub.keys.authorityPEM.utf8), type: MediaType.certificate)
            },
            Route(
                .post, Routes.enrol, .open, "Become a device with a one-time token.", body: .anything, success: (201, nil), isDocumented: false,
                bodyLimit: SyncLimits.bytes
            ) { call in
                try .json(try await hub.enrol(try call.value(EnrolmentRequest.self)), status: 201)
            },
            Route(
                .post, Routes.waiting, .open, "Ask without a token to be taken in; asked again until an operator has decided.", body: .anything,
                success: (202, nil), isDocumented: false, bodyLimit: 16_384
            ) { call in
                let answer: WaitingAnswer = try await hub.wait(try call.value(WaitingRequest.self), address: call.address)
                return try .json(answer, status: answer.enrolment == nil ? 202 : 201)
            },
            Route(
                .post, Routes.certificate, .open, "Another certificate for a device's key, whose holder signs the request.", body: .anything,
                success: (200, nil), isDocumented: false, bodyLimit: 16_384
            ) { call in
                try .json(try await hub.renewCertificate(try call.value(CertificateRequest.self)))
            },
            Route(
                .get, Routes.releases + "/{release}", .device, "A release that the device is to have, as it was signed.", success: (200, nil),
                isDocumented: false
            ) {
                call in
                try .json(try await hub.release(try call.id("release"), for: try device(call)))
            },
            Route(
                .get, Routes.releases + "/{release}/files/{digest}", .device, "A part of a file of that release, by `Range`.", success: (206, nil),
                isDocumented: false
            ) { call in
                let range: ByteRange = try ByteRange(call.headers[.range])
                let part: (bytes: [UInt8], total: Int64) = try await hub.releasePart(
                    of: call.path["digest"] ?? "", in: try call.id("release"), at: range.first, count: range.count, for: try device(call))
                return Reply(
                    status: 206, body: part.bytes, type: "application/octet-stream",
                    headers: [.contentRange: "bytes \(range.first)-\(range.first + Int64(part.bytes.count) - 1)/\(part.total)"])
            },
            Route(
                .post, Routes.sync, .device, "The one round trip of a device.", body: .anything, success: (200, nil), isDocumented: false,
                bodyLimit: SyncLimits.bytes, isCompressible: true
            ) { call in
                let device: DeviceID = try device(call)
                return try await admission.admit { try .json(try await hub.receive(try call.value(SyncRequest.self), from: device)) }
            },
        ]
    }

    private func device(_ call: Call) throws -> DeviceID {
        guard case .device(let device) = call.caller else {
            throw Problem(.certificateMissing, "This route needs a device's certificate.", remedy: "Join the hub first: `vultus-edge join`.")
        }
        return device
    }
}

/// One range of bytes, both ends named (RFC 9110 §14.1.2). A part is all that is given: a whole program at once would be in memory.
struct ByteRange {
    let first: Int64
    let count: Int

    init(_ header: String?) throws(Problem) {
        let ends: [Int64] = (header ?? "").hasPrefix("bytes=") ? header!.dropFirst(6).split(separator: "-").compactMap { Int64(plain: String($0)) } : []
        guard ends.count == 2, ends[0] >= 0, ends[1] >= ends[0] else {
            throw Problem(.invalidRequest, "A file of a release is given in parts.", remedy: "Send Range: bytes=FIRST-LAST.")
        }
        first = ends[0]
        count = Int(min(ends[1] - ends[0] + 1, Int64(ReleaseLimit.part)))
    }
}
