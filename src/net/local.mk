# src/net/local.mk - bytes; knows nothing of HTTP
src_libtinyweb_a_SOURCES += %D%/accepter.c %D%/accepter.h
src_libtinyweb_a_SOURCES += %D%/buffer_pool.c %D%/buffer_pool.h
src_libtinyweb_a_SOURCES += %D%/client_gate.c %D%/client_gate.h
src_libtinyweb_a_SOURCES += %D%/cold_read.c %D%/cold_read.h
src_libtinyweb_a_SOURCES += %D%/conn_ref.h
src_libtinyweb_a_SOURCES += %D%/connection.c %D%/connection.h
src_libtinyweb_a_SOURCES += %D%/connection_pool.c %D%/connection_pool.h
src_libtinyweb_a_SOURCES += %D%/factory.h
src_libtinyweb_a_SOURCES += %D%/output_queue.c %D%/output_queue.h
src_libtinyweb_a_SOURCES += %D%/protocol.c %D%/protocol.h
src_libtinyweb_a_SOURCES += %D%/proxy_header.c %D%/proxy_header.h
src_libtinyweb_a_SOURCES += %D%/proxy_protocol.c %D%/proxy_protocol.h
src_libtinyweb_a_SOURCES += %D%/server.c %D%/server.h
src_libtinyweb_a_SOURCES += %D%/transport.c %D%/transport.h
src_libtinyweb_a_SOURCES += %D%/connector.c %D%/connector.h
