import HTTPTypes
import HubAccess
import HubDomain
import RecognitionAPI
import WireModel

/// From nothing to an account: open to anybody, and telling nobody who is registered.
struct SignUpRoutes {
    let hub: Hub

    private struct Registration: Decodable {
        let kind: AccountType
        let name: String
        let email: String
        let password: String
        let language: Language?
        let accept: [AcceptedText]
    }

    private struct Invitation: Decodable {
        let token: String
        let password: String
        let accept: [AcceptedText]?
    }

    var routes: [Route] {
        [
            Route(
                .post, "/v1/account/register", .open, "Register an account. Whatever the mailbox, the answer is the same; the rest comes by mail.",
                body: .object([
                    .required("kind", .choices(AccountType.self)), .required("name", Schemas.name, "of the person or organisation"),
                    .required("email", .email), .required("password", Schemas.password), .optional("language", Schemas.language),
                    .required("accept", Schemas.accepted, "at least the general agreement in force, by the hash of the text you read"),
                ]), success: (202, nil)
            ) { call in
                let body: Registration = try call.value(Registration.self)
                return try await EvenAnswer.at(EvenAnswer.withHash) {
                    try await hub.signUp(
                        SignUp(
                            kind: body.kind, name: body.name, email: try EmailAddress(body.email), password: body.password,
                            language: body.language ?? call.language, accepted: body.accept), address: call.address)
                    return .accepted
                }
            },
            Route(
                .post, "/v1/account/verify-email", .open, "Prove a mailbox with the token that was mailed to it.",
                body: .object([.required("token", Schemas.mailToken)]), success: (200, .reference("Account"))
            ) { call in try .json(try await hub.verifyEmail(token: call.text("token"), address: call.address)) },
            Route(
                .post, "/v1/account/verify-email/resend", .open, "Mail a new token; whatever the mailbox, the answer is the same.",
                body: .object([.required("email", .email)]), success: (202, nil)
            ) { call in
                try await EvenAnswer.at(EvenAnswer.withoutHash) {
                    try await hub.resendVerification(try EmailAddress(call.text("email")), language: call.language, address: call.address)
                    return .accepted
                }
            },
            Route(
                .post, "/v1/account/invitations/accept", .open, "Become a member with a mailed token.",
                body: .object([
                    .required("token", Schemas.mailToken), .required("password", Schemas.password),
                    .optional("accept", Schemas.accepted, "an account's first owner accepts the general agreement here"),
                ]), success: (200, .reference("Account"))
            ) { call in
                let body: Invitation = try call.value(Invitation.self)
                return try .json(
                    try await hub.acceptInvitation(token: body.token, password: body.password, accepted: body.accept ?? [], address: call.address))
            },
            Route(
                .post, "/v1/keys/found", .open, "Freeze an API key that was found in the open. Whoever holds it can.",
                body: .object([.required("key", .text(10...120))]), success: (204, nil)
            ) { call in
                try await hub.freezeFoundKey(call.text("key"), address: call.address)
                return .nothing
            },
        ]
    }
}
