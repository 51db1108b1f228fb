<?php

namespace MediaWiki\Extension\WikiFarm;

use MediaWiki\ResourceLoader\CodexModule;

/** What Special:WikiFarm runs in the browser. The keys of its texts are those of the texts that it was built with. */
class PageModule extends CodexModule {
	private const TEXTS = [ 'i18n/en.json', 'i18n/components/en.json' ];

	/** @inheritDoc */
	public function getMessages() {
		$keys = [];
		foreach ( self::TEXTS as $file ) {
			$path = dirname( __DIR__ ) . "/$file";
			$texts = is_readable( $path ) ? json_decode( file_get_contents( $path ), true ) : [];
			array_push( $keys, ...array_keys( $texts ) );
		}
		$own = array_filter( $keys, static fn ( string $key ) => str_starts_with( $key, 'wikifarm-' ) );
		return array_values( array_unique( $own ) );
	}
}
