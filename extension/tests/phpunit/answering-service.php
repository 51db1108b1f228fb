<?php
/**
 * A service on a port of its own that gives every request the one answer of its first argument, `[status, type, body]`,
 * or with `null` none at all. It writes its port, then each request as a line of JSON, and ends with its input.
 */

[ , $given ] = $argv;
$answer = json_decode( $given, true );
$server = stream_socket_server( 'tcp://127.0.0.1:0' );
fwrite( STDOUT, parse_url( 'tcp://' . stream_socket_get_name( $server, false ), PHP_URL_PORT ) . "\n" );
$unanswered = [];
while ( true ) {
	$ready = [ $server, STDIN ];
	$none = [];
	stream_select( $ready, $none, $none, null );
	if ( in_array( STDIN, $ready, true ) ) {
		break;
	}
	$client = stream_socket_accept( $server );
	[ $method, $target ] = explode( ' ', fgets( $client ) );
	$headers = [];
	for ( $line = trim( fgets( $client ) ); $line !== ''; $line = trim( fgets( $client ) ) ) {
		[ $name, $value ] = explode( ':', $line, 2 );
		$headers[strtolower( $name )] = trim( $value );
	}
	$length = (int)( $headers['content-length'] ?? 0 );
	$body = $length ? stream_get_contents( $client, $length ) : '';
	fwrite( STDOUT, json_encode( compact( 'method', 'target', 'headers', 'body' ) ) . "\n" );
	if ( $answer === null ) {
		$unanswered[] = $client;
		continue;
	}
	[ $status, $type, $content ] = $answer;
	fwrite( $client, "HTTP/1.1 $status Status\r\nContent-Type: $type\r\nConnection: close\r\n\r\n$content" );
	fclose( $client );
}
