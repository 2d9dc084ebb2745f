"""The picture: a Textual application over configuration and traffic; it opens no sockets."""
