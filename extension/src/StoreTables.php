<?php

namespace MediaWiki\Extension\WikiFarm;

use RuntimeException;
use Wikimedia\Rdbms\IMaintainableDatabase;

/**
 * Makes the tables of Wikistead's store as Wikistead itself would, and records it the same way: whichever comes first,
 * the other finds its work done. The names have no prefix, since Wikistead knows of none.
 */
class StoreTables {
	/** What releases before this one lock by. Any user of the server can hold it: who has it is given a moment. */
	private const FORMER_LOCK = 'ea586330-2c93-47c8-908d-981d9d270f9d';
	private const FORMER_SECONDS = 5;
	private const SECONDS_TO_WAIT = 60;

	public function __construct(
		private readonly IMaintainableDatabase $db,
		private readonly string $sqlFile
	) {
	}

	/** @return string[] The migrations that were made now */
	public function make(): array {
		[ $record, $migrations ] = $this->read();
		$this->run( $record );
		$lock = $this->lockName();
		if ( !$this->db->lock( $lock, __METHOD__, self::SECONDS_TO_WAIT ) ) {
			throw new RuntimeException( 'Wikistead is changing its tables. Run this again when it is done.' );
		}
		$hasFormer = $this->db->lock( self::FORMER_LOCK, __METHOD__, self::FORMER_SECONDS );
		try {
			$missing = array_diff_key( $migrations, array_flip( $this->made() ) );
			foreach ( $missing as $statements ) {
				$this->run( $statements );
			}
			return array_keys( $missing );
		} finally {
			if ( $hasFormer ) {
				$this->db->unlock( self::FORMER_LOCK, __METHOD__ );
			}
			$this->db->unlock( $lock, __METHOD__ );
		}
	}

	/** Wikistead holds it while it changes the tables; only who may read them finds out what it is called. */
	private function lockName(): string {
		$this->db->startAtomic( __METHOD__ );
		$this->db->query( "SELECT 1 FROM `wikifarm_migrations_lock` WHERE `id` = 'migration_lock' FOR UPDATE", __METHOD__ );
		$rows = $this->db->query( "SELECT `id` FROM `wikifarm_migrations_lock` WHERE `id` LIKE 'wikistead.%'", __METHOD__ );
		$name = $rows->fetchObject()->id ?? null;
		if ( $name === null ) {
			$name = 'wikistead.' . bin2hex( random_bytes( 16 ) );
			$value = $this->db->addQuotes( $name );
			$this->db->query( "INSERT INTO `wikifarm_migrations_lock` (`id`) VALUES ($value)", __METHOD__ );
		}
		$this->db->endAtomic( __METHOD__ );
		return $name;
	}

	/** @return string[] */
	private function made(): array {
		// Not by a query builder: it would add the wiki's prefix.
		$rows = $this->db->query( 'SELECT `name` FROM `wikifarm_migrations`', __METHOD__ );
		return array_map( static fn ( $row ) => $row->name, iterator_to_array( $rows ) );
	}

	/** @param string[] $statements */
	private function run( array $statements ): void {
		foreach ( $statements as $statement ) {
			$this->db->query( $statement, __METHOD__ );
		}
	}

	/** @return array{0:string[],1:array<string,string[]>} What records migrations, and the migrations by their names */
	private function read(): array {
		$sections = [ '' => [] ];
		$name = '';
		foreach ( file( $this->sqlFile, FILE_IGNORE_NEW_LINES | FILE_SKIP_EMPTY_LINES ) as $line ) {
			if ( preg_match( '/^-- migration (\w+)$/D', $line, $found ) ) {
				$name = $found[1];
				$sections[$name] = [];
			} elseif ( !str_starts_with( $line, '--' ) ) {
				$sections[$name][] = rtrim( $line, ';' );
			}
		}
		$record = $sections[''];
		unset( $sections[''] );
		return [ $record, $sections ];
	}
}
