import RecognitionAPI
import WireModel

/// `GET /v1/announcements` of the device's own API: for a screen that is somebody else's program.
struct LocalAnnouncements: Encodable {
    static let path: String = "/v1/announcements"

    /// Newest first.
    let items: [DeviceAnnouncement]

    static let operation: JSONValue = [
        "operationId": "announcements", "summary": "What the hub's operator says on this device now, newest first.",
        "responses": [
            "200": [
                "description": "Those that have begun and not ended, by the device's idea of the hub's time.",
                "content": ["application/json": ["schema": schema]],
            ],
            "default": [
                "description": "A problem.", "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
            ],
        ],
    ]

    private static let text: JSONValue = [
        "type": "object", "required": ["title", "body"], "properties": ["title": ["type": "string"], "body": ["type": "string"]],
    ]

    private static let one: JSONValue = [
        "type": "object", "required": ["id", "texts", "begins"],
        "properties": [
            "id": ["type": "string"], "begins": ["type": "string", "format": "date-time"], "ends": ["type": "string", "format": "date-time"],
            "texts": ["type": "object", "description": "By language: en, zh.", "additionalProperties": text],
        ],
    ]

    private static let schema: JSONValue = [
        "type": "object", "required": ["items"], "properties": ["items": ["type": "array", "items": one]],
    ]
}
