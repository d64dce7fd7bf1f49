/// The OpenAPI 3.1 document of the admin API: paths from the endpoints themselves, schemas from `OpenAPISchemas`.
package struct OpenAPIDocument {
    private let endpoints: [Endpoint]

    package init(_ endpoints: [Endpoint]) { self.endpoints = endpoints }

    package var text: String { self.json.canonical }

    package var json: JSON {
        var paths: [String: JSON] = [:]
        for endpoint in self.endpoints {
            let path = "/v1\(endpoint.path)"
            let operation = [endpoint.method.rawValue.lowercased(): self.operation(endpoint)]
            paths[path] = (paths[path] ?? .object([:])).merging(operation)
        }
        return .object([
            "openapi": "3.1.0",
            "info": .object([
                "title": "Martlet admin API", "version": "1",
                "description": .string(Self.description),
                "license": .object(["name": "Apache-2.0", "identifier": "Apache-2.0"]),
            ]),
            "servers": .array([.object(["url": "/"])]),
            "security": .array([.object(["token": .array([])])]),
            "paths": .object(paths),
            "components": .object([
                "schemas": .object(OpenAPISchemas.all),
                "securitySchemes": .object([
                    "token": .object([
                        "type": "http", "scheme": "bearer",
                        "description":
                            "A principal's token (`martlet principals create`, or the one that `init` left), or a trusted issuer's JSON web token.",
                    ])
                ]),
            ]),
        ])
    }

    private static let description = """
        Collections have cursor pages (`limit`, `after`); the reply's `next` is the next `after`. Items carry their \
        revision as ETag; PUT takes If-Match, and so may DELETE and the verbs of models, keys and prompts. Writes take Idempotency-Key (24 hours per principal; what is shown \
        once is not shown again). Names with a slash are one path segment, written %2F. Fields that are not listed \
        are refused; those that the server gives may be sent back and are ignored. Errors are RFC 9457 problems \
        with JSON pointers.
        """

    private func operation(_ endpoint: Endpoint) -> JSON {
        var members: [String: JSON] = [
            "operationId": .string(Self.operationID(endpoint)), "summary": .string(endpoint.summary),
            "tags": .array([.string(String(endpoint.path.split(separator: "/").first ?? ""))]),
            "description": .string(Self.roles(endpoint)),
            "parameters": .array(Self.parameters(endpoint)),
            "responses": .object(Self.responses(endpoint)),
        ]
        if let schema = endpoint.bodySchema {
            let example = OpenAPIExamples.bodies[schema].map { ["example": $0] } ?? [:]
            let body = Self.schema(schema).merging(example)
            var content = ["application/json": body]
            if endpoint.takesYAML { content["application/yaml"] = body }
            members["requestBody"] = .object([
                "required": .bool(endpoint.isBodyRequired), "content": .object(content),
            ])
        }
        return .object(members)
    }

    private static func roles(_ endpoint: Endpoint) -> String {
        let roles = endpoint.permission.roles.map(\.rawValue).joined(separator: ", ")
        return switch endpoint.reach {
        case .everywhere: "Roles: \(roles)."
        case .anywhere: "Roles: \(roles); held for any team."
        case .teams: "Roles: \(roles); held for the team that it is about."
        }
    }

    private static func operationID(_ endpoint: Endpoint) -> String {
        let words = endpoint.path.split { "/{}".contains($0) }.map(\.withCapital)
        return endpoint.method.rawValue.lowercased() + words.joined()
    }

    private static func parameters(_ endpoint: Endpoint) -> [JSON] {
        func parameter(_ name: String, in place: String, isRequired: Bool) -> JSON {
            let example = OpenAPIExamples.value(of: name, in: endpoint.path).map { ["example": $0] } ?? [:]
            return JSON.object([
                "name": .string(name), "in": .string(place), "required": .bool(isRequired),
                "schema": .object(["type": "string"]),
            ]).merging(example)
        }
        let names = endpoint.path.split(separator: "/").filter { $0.hasPrefix("{") }.map { $0.dropFirst().dropLast() }
        var parameters = names.map { parameter(String($0), in: "path", isRequired: true) }
        parameters += endpoint.query.map { parameter($0, in: "query", isRequired: false) }
        if endpoint.method == .put, endpoint.path.hasSuffix("{name}") {
            parameters.append(parameter("If-Match", in: "header", isRequired: true))
        }
        if endpoint.isWrite { parameters.append(parameter("Idempotency-Key", in: "header", isRequired: false)) }
        return parameters
    }

    private static func responses(_ endpoint: Endpoint) -> [String: JSON] {
        var responses: [String: JSON] = [
            "default": .object([
                "description": "A problem; nothing was changed.",
                "content": .object(["application/problem+json": Self.schema("Problem")]),
            ])
        ]
        for status in endpoint.statuses {
            responses[String(status)] = .object([
                "description": .string(status == 202 ? "Done, and it waits for approval." : "Done."),
                "content": .object(["application/json": Self.schema(endpoint.replySchema)]),
            ])
        }
        return responses
    }

    private static func schema(_ name: String) -> JSON {
        .object(["schema": .object(["$ref": .string("#/components/schemas/\(name)")])])
    }
}
