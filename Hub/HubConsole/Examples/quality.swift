import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

struct Problem: Decodable, Error {
    let code, title: String
    let remedy: String?
}

struct Assessment: Decodable {
    struct Face: Decodable { let search, enrolment: Use }
    struct Use: Decodable {
        let accepted: Bool
        let refusals: [Refusal]
    }
    struct Refusal: Decodable { let code, remedy: String }
    let faces: [Face]
}

let environment = ProcessInfo.processInfo.environment
let picture = try Data(contentsOf: URL(fileURLWithPath: environment["VULTUS_PICTURE"]!))

var request = URLRequest(url: URL(string: environment["VULTUS_URL"]! + "/v1/quality")!)
request.httpMethod = "POST"
request.httpBody = picture
request.setValue("Bearer " + environment["VULTUS_KEY"]!, forHTTPHeaderField: "Authorization")
request.setValue("image/jpeg", forHTTPHeaderField: "Content-Type")

let (data, response) = try await URLSession.shared.data(for: request)
guard (response as! HTTPURLResponse).statusCode == 200 else { throw try JSONDecoder().decode(Problem.self, from: data) }
let answer = try JSONDecoder().decode(Assessment.self, from: data)

for face in answer.faces {
    for (name, use) in [("search", face.search), ("enrolment", face.enrolment)] {
        print("\(name): \(use.accepted ? "accepted" : "refused")")
        for refusal in use.refusals { print("  \(refusal.code): \(refusal.remedy)") }
    }
}
