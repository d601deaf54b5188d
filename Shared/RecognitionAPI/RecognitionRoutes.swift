/// The recognition API: every route, for the hub's galleries or a device's.
package enum RecognitionRoutes<Backend: RecognitionBackend> {
    typealias Route = RecognitionRoute<Backend>

    package static var all: [RecognitionRoute<Backend>] { pictures + galleries + persons + templates + imports }

    static func page(_ request: RecognitionRequest) -> (cursor: String?, limit: Int) { (request.text("cursor"), request.integer("limit", otherwise: 50)) }
}
