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
                .post, Routes.sync, .device, "The one round trip of a device.", body: .anything, success: (200, nil), isDocumented: false,
                bodyLimit: SyncLimits.bytes, isCompressible: true
            ) { call in
                guard case .device(let device) = call.caller else {
                    throw Problem(.certificateMissing, "This route needs a device's certificate.", remedy: "Join the hub first: `vultus-edge join`.")
                }
                return try await admission.admit { try .json(try await hub.receive(try call.value(SyncRequest.self), from: device)) }
            },
        ]
    }
}
