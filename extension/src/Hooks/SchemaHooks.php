<?php

namespace MediaWiki\Extension\WikiFarm\Hooks;

use MediaWiki\Extension\WikiFarm\StoreTables;
use MediaWiki\Installer\DatabaseUpdater;
use MediaWiki\Installer\Hook\LoadExtensionSchemaUpdatesHook;

/** The tables of Wikistead's store, where it shares the database of this wiki. */
class SchemaHooks implements LoadExtensionSchemaUpdatesHook {
	/** @inheritDoc */
	public function onLoadExtensionSchemaUpdates( $updater ) {
		$updater->addExtensionUpdate( [ [ self::class, 'makeTables' ] ] );
	}

	public static function makeTables( DatabaseUpdater $updater ): void {
		$db = $updater->getDB();
		if ( $db->getType() !== 'mysql' ) {
			$updater->output( "...WikiFarm's tables are Wikistead's, which keeps them on MariaDB only.\n" );
			return;
		}
		$made = ( new StoreTables( $db, __DIR__ . '/../../sql/tables.sql' ) )->make();
		foreach ( $made as $migration ) {
			$updater->output( "Made WikiFarm's tables: $migration.\n" );
		}
		if ( !$made ) {
			$updater->output( "...WikiFarm's tables are up to date.\n" );
		}
	}
}
