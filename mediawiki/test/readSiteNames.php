<?php
/**
 * How MediaWiki's own parser of titles reads the names of wikis. Standard input is JSON, a list of
 * `[ name, namespace, language ]`; standard output is a list as long, of what is wrong with each, null for nothing.
 */

use MediaWiki\Interwiki\NullInterwikiLookup;
use MediaWiki\Language\Language;
use MediaWiki\MediaWikiServices;
use MediaWiki\Parser\Sanitizer;
use MediaWiki\Title\MalformedTitleException;
use MediaWiki\Title\MediaWikiTitleCodec;

require_once getenv( 'MW_INSTALL_PATH' ) . '/maintenance/Maintenance.php';

class ReadSiteNames extends Maintenance {
	/** @var array{0:Language,1:MediaWikiTitleCodec}[] By the code of the language */
	private array $codecs = [];

	/** @inheritDoc */
	public function getDbType() {
		return Maintenance::DB_NONE;
	}

	/** @inheritDoc */
	public function execute() {
		$names = json_decode( stream_get_contents( STDIN ), true, 8, JSON_THROW_ON_ERROR );
		$this->output( json_encode( array_map( fn ( $each ) => $this->faultOf( ...$each ), $names ) ) );
	}

	private function faultOf( string $name, string $namespace, string $code ): ?string {
		[ $language, $codec ] = $this->codecs[$code] ??= $this->codecOf( $code );
		$GLOBALS['wgMetaNamespace'] = $namespace;
		$language->resetNamespaces();
		$read = static function ( string $text ) use ( $codec, $language ): array {
			// As links are read: what was sent is normalized, and what is escaped is decoded before a title is looked for.
			$decoded = Sanitizer::decodeCharReferencesAndNormalize( rawurldecode( $language->normalize( $text ) ) );
			$parts = $codec->splitTitleString( $decoded );
			return [ $parts['namespace'], $parts['dbkey'], $parts['fragment'] ];
		};
		try {
			// As the title of a page, without the capital letter that begins one.
			$page = $read( "x $name" );
			if ( $page !== [ NS_MAIN, "X_$namespace", '' ] ) {
				return 'the namespace is not the name: ' . json_encode( $page );
			}
			$read( $name );
			if ( $read( "$name:Page" ) !== [ NS_PROJECT, 'Page', '' ] ) {
				return 'its pages are not found by its name';
			}
			foreach ( $language->getNamespaces() as $id => $text ) {
				if ( $id !== NS_MAIN && $read( "$text:Page" ) !== [ $id, 'Page', '' ] ) {
					return "pages of $text are not found";
				}
			}
		} catch ( MalformedTitleException $error ) {
			return $error->getErrorMessage();
		}
		return null;
	}

	/** @return array{0:Language,1:MediaWikiTitleCodec} */
	private function codecOf( string $code ): array {
		$services = MediaWikiServices::getInstance();
		$language = $services->getLanguageFactory()->getLanguage( $code );
		$codec = new MediaWikiTitleCodec( $language, $services->getGenderCache(), [], new NullInterwikiLookup(),
			$services->getNamespaceInfo() );
		return [ $language, $codec ];
	}
}

$maintClass = ReadSiteNames::class;
require_once RUN_MAINTENANCE_IF_MAIN;
