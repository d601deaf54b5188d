import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

struct Problem: Decodable, Error {
    let code, title: String
    let remedy: String?
}

struct Comparison: Decodable {
    let outcome: String
    let score, threshold, falseMatchRate: Double
}

let environment = ProcessInfo.processInfo.environment
func picture(_ variable: String) throws -> String {
    try Data(contentsOf: URL(fileURLWithPath: environment[variable]!)).base64EncodedString()
}

var request = URLRequest(url: URL(string: environment["VULTUS_URL"]! + "/v1/compare")!)
request.httpMethod = "POST"
request.httpBody = try JSONEncoder().encode(["image": try picture("VULTUS_PICTURE"), "referenceImage": try picture("VULTUS_REFERENCE")])
request.setValue("Bearer " + environment["VULTUS_KEY"]!, forHTTPHeaderField: "Authorization")
request.setValue("application/json", forHTTPHeaderField: "Content-Type")
// Sent again after a timeout, the same key gets the same answer and is charged once.
request.setValue(UUID().uuidString, forHTTPHeaderField: "Idempotency-Key")

let (data, response) = try await URLSession.shared.data(for: request)
guard (response as! HTTPURLResponse).statusCode == 200 else { throw try JSONDecoder().decode(Problem.self, from: data) }
let answer = try JSONDecoder().decode(Comparison.self, from: data)

print("\(answer.outcome): score \(answer.score), threshold \(answer.threshold)")
print("of different people, a share of \(answer.falseMatchRate) reaches that threshold")
