"""What the soak's programs share: the server under test, and a client on which every byte can be wrong."""
