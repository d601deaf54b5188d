import HubDomain
import Hummingbird
import NIOCore
import NIOSSL
import SwiftASN1
import WireModel
import X509

/// The routes devices speak to: `/edge/v1`.
struct EdgeRoutes {
    let hub: Hub

    func add(to router: Router<HubRequestContext>) {
        router.get(RouterPath(Routes.authority)) { _, _ in
            Response(
                status: .ok, headers: [.contentType: MediaType.certificate],
                body: ResponseBody(byteBuffer: ByteBuffer(string: hub.keys.authorityPEM)))
        }
        router.post(RouterPath(Routes.enrol)) { request, context in
            try json(try await hub.enrol(try await body(EnrolmentRequest.self, of: request, context)), status: .created)
        }
        router.post(RouterPath(Routes.sync)) { request, context in
            let device: DeviceID = try await authenticate(context)
            return try json(try await hub.receive(try await body(SyncRequest.self, of: request, context), from: device), status: .ok)
        }
    }

    /// The TLS layer has verified that the certificate is from our authority; whose it is and whether it still counts
    /// is asked here, on every request.
    private func authenticate(_ context: HubRequestContext) async throws -> DeviceID {
        guard let presented = try await context.channel.nioSSL_peerCertificate().get() else {
            throw Problem(.certificateMissing, "This route needs a device's certificate.", remedy: "Join the hub first: `vultus-edge join`.")
        }
        let certificate = try Certificate(derEncoded: try presented.toDERBytes())
        return try await hub.device(certificateSerial: certificate.serialNumber.bytes.hexadecimal)
    }

    private func body<Value: Decodable>(_ type: Value.Type, of request: Request, _ context: HubRequestContext) async throws -> Value {
        let buffer: ByteBuffer = try await request.body.collect(upTo: context.maxUploadSize)
        return try JSON.value(type, from: Array(buffer.readableBytesView))
    }

    private func json(_ value: some Encodable, status: HTTPResponse.Status) throws -> Response {
        Response(status: status, headers: [.contentType: MediaType.json], body: ResponseBody(byteBuffer: ByteBuffer(bytes: try JSON.bytes(value))))
    }
}
