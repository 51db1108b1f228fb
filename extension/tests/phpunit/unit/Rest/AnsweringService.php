<?php

namespace MediaWiki\Extension\WikiFarm\Tests\Rest;

/** A process that answers over real HTTP as the service might, and tells what it was sent. */
class AnsweringService {
	public readonly string $url;

	/** @var resource */
	private $process;

	/** @var resource[] */
	private array $pipes = [];

	/** What it was sent, once it has ended */
	private ?array $requests = null;

	/** @param array|null $answer `[status, type, body]`; null for one that never answers */
	public function __construct( ?array $answer ) {
		$command = [ PHP_BINARY, __DIR__ . '/../../answering-service.php', json_encode( $answer ) ];
		$this->process = proc_open( $command, [ [ 'pipe', 'r' ], [ 'pipe', 'w' ], STDERR ], $this->pipes );
		$this->url = 'http://127.0.0.1:' . trim( fgets( $this->pipes[1] ) );
	}

	/** Ends it. From here on nobody answers at its address. */
	public function requests(): array {
		if ( $this->requests === null ) {
			fclose( $this->pipes[0] );
			$lines = explode( "\n", trim( stream_get_contents( $this->pipes[1] ) ) );
			$this->requests = array_map( static fn ( $line ) => json_decode( $line, true ), array_filter( $lines ) );
			fclose( $this->pipes[1] );
			proc_close( $this->process );
		}
		return $this->requests;
	}
}
