import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

struct Problem: Decodable, Error {
    let code, title: String
    let remedy: String?
}

struct Detection: Decodable {
    struct Face: Decodable { let box: Box }
    struct Box: Decodable { let x, y, width, height: Double }
    let faces: [Face]
}

let environment = ProcessInfo.processInfo.environment
let picture = try Data(contentsOf: URL(fileURLWithPath: environment["VULTUS_PICTURE"]!))

var request = URLRequest(url: URL(string: environment["VULTUS_URL"]! + "/v1/detect")!)
request.httpMethod = "POST"
request.httpBody = picture
request.setValue("Bearer " + environment["VULTUS_KEY"]!, forHTTPHeaderField: "Authorization")
request.setValue("image/jpeg", forHTTPHeaderField: "Content-Type")

let (data, response) = try await URLSession.shared.data(for: request)
guard (response as! HTTPURLResponse).statusCode == 200 else { throw try JSONDecoder().decode(Problem.self, from: data) }
let answer = try JSONDecoder().decode(Detection.self, from: data)

print("\(answer.faces.count) face(s)")
for box in answer.faces.map(\.box) { print("at \(Int(box.x)), \(Int(box.y)), size \(Int(box.width)) × \(Int(box.height))") }
