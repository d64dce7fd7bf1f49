/// Two self-signed identities for `localhost` and 127.0.0.1, made for these tests and known to the whole world.
package struct TestIdentity: Sendable {
    package let certificate: String
    package let key: String
    /// SHA-256 of the public key, as libcurl writes a pin.
    package let pin: String

    package static let one = TestIdentity(
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBnDCCAUGgAwIBAgIUONqeB3VqxJq6taAGEwbNjI4keV4wCgYIKoZIzj0EAwIw
            FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNDE5MzkyMFoYDzIxMjYxMDMx
            MTkzOTIwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
            PQMBBwNCAASOhYxcBrf991FVhtGEEosYDz8duL6zwCfeD+zOf1tb3K+cB9eUm0h2
            stmrNMvJaec9aasbBhr8nX9fwyUA3qNso28wbTAdBgNVHQ4EFgQUvNCAMxV2Eglo
            hW8rpXXWL+Gks80wHwYDVR0jBBgwFoAUvNCAMxV2EglohW8rpXXWL+Gks80wDwYD
            VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
            zj0EAwIDSQAwRgIhANo9I7I0rNzO1u4BHyAo7JQ+KteEHR+efanehqfyb0M/AiEA
            8AfOe/nStDDzsF5OuLz0de9Wa5bIsdrdcqx7A/dRu0w=
            -----END CERTIFICATE-----
            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgL9pNyCa6lN2TKE0j
            E+bYRkPrnzbrUCZeKN1gUZF64JyhRANCAASOhYxcBrf991FVhtGEEosYDz8duL6z
            wCfeD+zOf1tb3K+cB9eUm0h2stmrNMvJaec9aasbBhr8nX9fwyUA3qNs
            -----END PRIVATE KEY-----
            """,
        pin: "sha256///tPbo0l5w7azMe4x2h+Pa8ZLyjJcSSxBqjbXmLb9pTk="
    )

    package static let two = TestIdentity(
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBnDCCAUGgAwIBAgIUJ3hzXWDYCzFkIML8uRiETG9S18AwCgYIKoZIzj0EAwIw
            FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNDE5MzkyMFoYDzIxMjYxMDMx
            MTkzOTIwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
            PQMBBwNCAASqdQy8HBodFNefpMuOfkip2nEhaLYn9s0dlOMZeFsSZWZNNIAjLoXf
            2jbqHG91j/57s5XU49yjpxfe3LG1H3/so28wbTAdBgNVHQ4EFgQUpeZZtpImQ8VR
            1N5DkrssFBgLix0wHwYDVR0jBBgwFoAUpeZZtpImQ8VR1N5DkrssFBgLix0wDwYD
            VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
            zj0EAwIDSQAwRgIhAJ26sGJ3ILEXjCg9gXMhP/5BP8DTu08mHTUK7qWfFZfJAiEA
            kPG4IKhb42p0rPqUzvCeDpLNtN2V7bdarUQht6RdrlE=
            -----END CERTIFICATE-----
            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgpRm1A7z3f1EsDrIV
            dtL5VylVYziGWgKhEuxKCerwQsihRANCAASqdQy8HBodFNefpMuOfkip2nEhaLYn
            9s0dlOMZeFsSZWZNNIAjLoXf2jbqHG91j/57s5XU49yjpxfe3LG1H3/s
            -----END PRIVATE KEY-----
            """,
        pin: "sha256//9N30vvE2tdxIsj++/HTKB1UQmHdxsTHWgcTmbDCy+wk="
    )
}
