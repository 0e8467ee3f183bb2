"""Mutual TLS for a component that is not written with the library: key and signing request by
openssl, the certificate by the join token."""

import hashlib
import re
import ssl
import subprocess

import grpc

registry, registry_rpc = grpc.protos_and_services("caruso/registry/v1/enrolment.proto")
PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def openssl(*arguments, given=b""):
    """What openssl prints."""
    return subprocess.run(["openssl", *arguments], input=given, capture_output=True).stdout


def fingerprint(certificate):
    """What an authority is recognized by: the digest of its public key."""
    key = openssl("x509", "-noout", "-pubkey", given=certificate.encode())
    return hashlib.sha256(openssl("pkey", "-pubin", "-outform", "DER", given=key)).hexdigest()


class Certified:
    """The right to be here as a component, and connections that show it."""

    def __init__(self, name, address, join_token):
        secret, authority = join_token.split(".")
        self.realm = f"caruso-{authority[:16]}"
        shown = openssl("s_client", "-connect", address, "-showcerts", "-alpn", "h2").decode()
        # whoever has the fingerprint in the token is the right one; all else follows from it
        ours = [it for it in PEM.findall(shown) if fingerprint(it) == authority]
        if not ours:
            raise SystemExit(f"{address} is not the service manager that the join token is for")
        self.authority = ours[0].encode()
        key = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1")
        request = openssl(
            "req", "-new", "-key", "/dev/stdin", "-subj", "/", "-outform", "DER", given=key
        )
        self.credentials = grpc.ssl_channel_credentials(self.authority)
        with self.channel("service-manager", address) as channel:
            enrol = registry.EnrolRequest(
                component=name, join_token=secret, signing_request=request
            )
            certificate = registry_rpc.EnrolmentStub(channel).Enrol(enrol).certificate
        chain = "".join(ssl.DER_cert_to_PEM_cert(it) for it in certificate.chain)
        self.credentials = grpc.ssl_channel_credentials(self.authority, key, chain.encode())

    def channel(self, component, address):
        """To the component of this name, and to nobody else who may answer there."""
        options = [("grpc.ssl_target_name_override", f"{component}.{self.realm}")]
        return grpc.secure_channel(address, self.credentials, options)


class InTheClear:
    """Connections in development mode."""

    def channel(self, _component, address):
        """To whoever answers there."""
        return grpc.insecure_channel(address)
